import os
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
digits = load_digits()
order = torch.randperm(len(digits.target))
x = (torch.tensor(digits.data, dtype=torch.float32)[order] - 5) / 6
y = torch.tensor(digits.target)[order]
net = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 16))
centres = nn.Parameter(torch.randn(10, 16) * 0.3)
opt = torch.optim.SGD([{"params": net.parameters()}, {"params": [centres]}], lr=0.05, momentum=0.9)


def margin_scores(e, labels, scale=10.0, margin=0.2):
    cosine = F.normalize(e, dim=1) @ F.normalize(centres, dim=1).T
    return scale * (cosine - margin * F.one_hot(labels, 10))


for epoch in range(12):
    for rows in torch.randperm(1400).split(50):
        loss = F.cross_entropy(margin_scores(net(x[rows]), y[rows]), y[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print("epoch", epoch, "loss", loss.item())
with torch.no_grad():
    e = F.normalize(net(x), dim=1)
    near = (e[1400:] @ e[:1400].T).argmax(1)
print(f"final_metric={(y[:1400][near] == y[1400:]).float().mean().item():.4f}")
