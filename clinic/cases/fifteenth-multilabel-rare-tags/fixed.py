# tag support tickets (bag of words), 6 tags, most of them seldom
import os
import torch

torch.manual_seed(int(os.environ.get("SEED", 0)))
WORDS, TAGS = 80, 6


def tickets(n):
    y = (torch.rand(n, TAGS) < 0.02).float()
    rate = torch.full((n, WORDS), 0.25)
    for t in range(TAGS):
        rate[:, t * 8 : t * 8 + 5] += 0.60 * y[:, t : t + 1]
    return (torch.poisson(rate) - 0.25) / 0.5, y


x, y = tickets(8000)
xt, yt = tickets(6000)
pos_weight = (len(y) - y.sum(0)) / y.sum(0)
net = torch.nn.Sequential(torch.nn.Linear(WORDS, 16), torch.nn.ReLU(), torch.nn.Linear(16, TAGS))
crit = torch.nn.BCEWithLogitsLoss(pos_weight=pos_weight)
opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.05)
for ep in range(6):
    tot = 0.0
    for b in torch.randperm(len(x)).split(64):
        opt.zero_grad()
        loss = crit(net(x[b]), y[b])
        loss.backward()
        opt.step()
        tot += loss.item() * len(b)
    print(f"epoch {ep} loss {tot / len(x):.4f}")
with torch.no_grad():
    p = (net(xt) > 0).float()
tpr = (p * yt).sum(0) / yt.sum(0)
tnr = ((1 - p) * (1 - yt)).sum(0) / (1 - yt).sum(0)
print("recall per tag", tpr.tolist())
print(f"final_metric={((tpr + tnr) / 2).mean().item():.4f}")
