import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
n = 2400
x = torch.randn(n, 8)
risk = 1.2 * x[:, 0] - 0.8 * x[:, 1] + 0.8 * x[:, 2] * x[:, 3]
death = torch.distributions.Exponential(risk.exp()).sample()
censor = torch.distributions.Exponential(torch.full((n,), 0.3)).sample()
time, seen = torch.minimum(death, censor), (death <= censor).float()


def partial_likelihood(score, time, seen):
    order = time.argsort(descending=True)
    score, seen = score[order], seen[order]
    return -((score - torch.logcumsumexp(score, 0)) * seen).sum() / seen.sum()


model = nn.Sequential(nn.Linear(8, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, 1, bias=False))
opt = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)
for epoch in range(12):
    for idx in torch.randperm(2000).split(80):
        loss = partial_likelihood(model(x[idx]).squeeze(1), time[idx], seen[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(f"epoch {epoch} loss {loss.item():.4f}")
with torch.no_grad():
    s, t, e = model(x[2000:]).squeeze(1), time[2000:], seen[2000:]
comparable = (t[:, None] < t[None]) & (e[:, None] > 0)
concordance = (s[:, None] > s[None])[comparable].float().mean()
print(f"final_metric={concordance.item():.4f}")
