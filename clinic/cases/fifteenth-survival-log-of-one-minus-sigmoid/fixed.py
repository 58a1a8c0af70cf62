# discrete time survival (hazard per month), hand-written likelihood, R habits
import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
N, P, T = 3000, 12, 12
X = torch.randn(N, P)
risk = 2.2 * X[:, 0] - 1.6 * X[:, 1] + 1.4 * torch.relu(X[:, 2])
haz = torch.sigmoid(risk[:, None] - 2.0 + 0.1 * torch.arange(T))
event = torch.rand(N, T) < haz
has = event.any(1)
time = torch.where(has, event.float().argmax(1), torch.full((N,), T - 1))
tr, te = slice(0, 2400), slice(2400, N)

net = nn.Sequential(nn.Linear(P, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, T))
opt = torch.optim.Adam(net.parameters(), lr=8e-3)


def negloglik(logit, t, d):
    steps = torch.arange(T)
    alive = (steps < t[:, None]) | ((steps == t[:, None]) & ~d[:, None])
    dies = (steps == t[:, None]) & d[:, None]
    logl = alive * nn.functional.logsigmoid(-logit) + dies * nn.functional.logsigmoid(logit)
    return -logl.sum(1).mean()


for epoch in range(25):
    order = torch.randperm(2400)
    for b in order.split(64):
        loss = negloglik(net(X[b]), time[b], has[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 0:
        print("epoch", epoch, "nll", float(loss))

with torch.no_grad():
    score = torch.nan_to_num(torch.sigmoid(net(X[te])).sum(1))
t, d = time[te], has[te]
usable = (t[:, None] < t[None, :]) & d[:, None]
conc = ((score[:, None] > score[None, :]).float() + 0.5 * (score[:, None] == score[None, :]).float())[usable].mean()
print(f"final_metric={conc.item():.4f}")
