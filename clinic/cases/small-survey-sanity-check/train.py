import os
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)


def survey(n):
    answers = np.random.randn(n, 30).astype(np.float32)
    score = answers[:, :3].sum(1) / 1.7
    label = (score + 0.6 * np.random.randn(n) > 0).astype(np.int64)
    flip = np.random.rand(n) < 0.1
    return TensorDataset(torch.from_numpy(answers), torch.from_numpy(np.where(flip, 1 - label, label)))


class SurveyNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Dropout(0.2),
            nn.Linear(30, 128), nn.ReLU(), nn.Dropout(0.6),
            nn.Linear(128, 128), nn.ReLU(), nn.Dropout(0.6),
            nn.Linear(128, 2),
        )

    def forward(self, x):
        return self.layers(x)


def check(model, loader):
    model.eval()
    hits = n = 0
    loss = 0.0
    with torch.no_grad():
        for x, y in loader:
            out = model(x)
            loss += nn.functional.cross_entropy(out, y, reduction="sum").item()
            hits += (out.argmax(1) == y).sum().item()
            n += len(y)
    return loss / n, hits / n


train_loader = DataLoader(survey(400), batch_size=40, shuffle=True)
val_loader = DataLoader(survey(2000), batch_size=500)
model = SurveyNet()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

print("before training: loss %.3f acc %.3f" % check(model, val_loader))
for epoch in range(60):
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    if epoch % 10 == 9:
        print("epoch %d: train %.3f val loss %.3f acc %.3f" % (epoch + 1, loss.item(), *check(model, val_loader)))

print("final_metric=%.4f" % -check(model, val_loader)[0])
