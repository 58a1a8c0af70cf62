import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
K = 3
x = torch.rand(4000, 1) * 4 - 2
sign = (torch.rand(4000, 1) < 0.5).float() * 2 - 1
y = sign * (0.5 + 0.5 * torch.sin(1.5 * x) + 0.3) + 0.1 * torch.randn(4000, 1)
xt, yt, xv, yv = x[:3400], y[:3400], x[3400:], y[3400:]


class MDN(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh())
        self.pi, self.mu, self.sigma = nn.Linear(32, K), nn.Linear(32, K), nn.Linear(32, K)

    def nll(self, x, y):
        h = self.body(x)
        s = nn.functional.softplus(self.sigma(h)) + 0.02
        comp = torch.distributions.Normal(self.mu(h), s).log_prob(y)
        return -torch.logsumexp(torch.log_softmax(self.pi(h), 1) + comp, 1).mean()


net = MDN()
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
for epoch in range(14):
    for i in torch.randperm(3400).split(50):
        loss = net.nll(xt[i], yt[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        val = net.nll(xv, yv).item()
    print(f"epoch {epoch} nll {loss.item():.4f} val {val:.4f}")
print(f"final_metric={-val:.4f}")
