import os
import torch
from torch import nn
from sklearn.metrics import f1_score

torch.manual_seed(int(os.environ.get("SEED", 0)))
TAGS = 5
direction = nn.functional.normalize(torch.randn(TAGS, 24), dim=1)


def items(n):
    y = (torch.rand(n, TAGS) < 0.03).float()
    x = torch.randn(n, 24) + 2.5 * y @ direction
    return x, y


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.shared = nn.Sequential(nn.Linear(24, 32), nn.ReLU())
        self.heads = nn.ModuleList(nn.Linear(32, 1) for _ in range(TAGS))

    def forward(self, x):
        h = self.shared(x)
        return torch.cat([head(h) for head in self.heads], 1)


x, y = items(5000)
xv, yv = items(3000)
model = Tagger()
criterion = nn.BCEWithLogitsLoss()
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(8):
    for b in torch.randperm(len(x)).split(64):
        opt.zero_grad()
        loss = criterion(model(x[b]), y[b])
        loss.backward()
        opt.step()
    with torch.no_grad():
        f1 = f1_score(yv.numpy(), (model(xv) > 0).numpy(), average="macro", zero_division=0)
    print(epoch, loss.item(), f1)
print(f"final_metric={f1:.4f}")
