import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


class StateSpace(nn.Module):
    """x[t+1] = A x[t] + B u[t];  y = C x[T]"""

    def __init__(self, inputs, state, outputs, radius):
        super().__init__()
        self.A = nn.Parameter(radius * torch.linalg.qr(torch.randn(state, state))[0])
        self.B = nn.Parameter(torch.randn(state, inputs) / inputs**0.5)
        self.C = nn.Parameter(torch.randn(outputs, state) / state**0.5)
        self.mix = nn.Sequential(nn.Linear(outputs, 32), nn.GELU(), nn.Linear(32, 1))

    def forward(self, u):
        x = u.new_zeros(u.shape[0], self.A.shape[0])
        for step in range(u.shape[1]):
            x = x @ self.A.T + u[:, step] @ self.B.T
        return self.mix(x @ self.C.T).squeeze(-1)


def leaky_sum(u):
    s = torch.zeros(len(u))
    for step in range(u.shape[1]):
        s = 0.9 * s + u[:, step, 0] - 0.5 * u[:, step, 1]
    return s / s.std()


u = torch.randn(1500, 40, 2)
y = leaky_sum(u)
model = StateSpace(2, 24, 8, radius=0.95)
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(20):
    perm = torch.randperm(1200)
    for k in range(0, 1200, 40):
        rows = perm[k:k + 40]
        loss = ((model(u[rows]) - y[rows]) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch:2d} loss {loss.item():.4g}")
with torch.no_grad():
    r2 = 1 - ((model(u[1200:]) - y[1200:]) ** 2).mean() / y[1200:].var()
r2 = r2.item()
print(f"final_metric={r2 if r2 > -10 else -10.0:.4f}")
