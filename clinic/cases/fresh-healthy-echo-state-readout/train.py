import os
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


class EchoState(nn.Module):
    def __init__(self, size=80, radius=0.9):
        super().__init__()
        w = torch.randn(size, size)
        w *= radius / torch.linalg.eigvals(w).abs().max()
        self.register_buffer("w", w)
        self.register_buffer("win", torch.randn(size, 1) * 0.5)
        self.readout = nn.Linear(size, 1)

    @torch.no_grad()
    def states(self, u):
        s = torch.zeros(u.shape[0], self.w.shape[0])
        for t in range(u.shape[1]):
            s = torch.tanh(s @ self.w.T + u[:, t] @ self.win.T)
        return s

    def forward(self, u):
        return self.readout(self.states(u))


def series(n, T=15):
    f, p = torch.rand(n, 1) * 0.5 + 0.2, torch.rand(n, 1) * 6.28
    v = torch.sin(f * torch.arange(T + 1) + p) + 0.02 * torch.randn(n, T + 1)
    return v[:, :-1, None], v[:, -1:]


u, y = series(1500)
uv, yv = series(300)
net = EchoState()
opt = torch.optim.Adam(net.readout.parameters(), lr=1e-2)
for step in range(500):
    i = torch.randint(0, 1500, (64,))
    loss = nn.functional.mse_loss(net(u[i]), y[i])
    opt.zero_grad()
    loss.backward()
    opt.step()
with torch.no_grad():
    print("final_metric=%.4f" % (1 - nn.functional.mse_loss(net(uv), yv) / yv.var()))
