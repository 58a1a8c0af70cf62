import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.preprocessing import StandardScaler

torch.manual_seed(int(os.environ.get("SEED", 0)))
digits = load_digits()
x = torch.tensor(StandardScaler().fit_transform(digits.data), dtype=torch.float32)
y = torch.tensor(digits.target)
order = torch.randperm(len(x))
x, y = x[order], y[order]


class SparseEmbedder(nn.Module):
    def __init__(self, margin):
        super().__init__()
        self.l1, self.l2, self.l3 = nn.Linear(64, 128), nn.Linear(128, 128), nn.Linear(128, 24)
        self.margin = margin

    def forward(self, x):
        x = F.relu(self.l1(x) - self.margin)
        x = F.relu(self.l2(x) - self.margin)
        return self.l3(x)


def batch_hard_triplet(e, labels, gap=0.5):
    d = (e[:, None] - e[None]).pow(2).sum(-1).add(1e-6).sqrt()
    same = labels[:, None] == labels[None]
    far = (d * same).amax(1)
    near = (d + 1e6 * same).amin(1)
    return F.softplus(far - near + gap).mean()


net = SparseEmbedder(margin=4.0)
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(8):
    total = 0.0
    for rows in torch.randperm(1400).split(70):
        loss = batch_hard_triplet(net(x[rows]), y[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    print(f"epoch {epoch} triplet loss {total / 20:.4f}")

net.eval()
with torch.no_grad():
    gallery, query = net(x[:1400]), net(x[1400:])
    nearest = torch.cdist(query, gallery).argmin(1)
print(f"final_metric={(y[:1400][nearest] == y[1400:]).float().mean():.4f}")
