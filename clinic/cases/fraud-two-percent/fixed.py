import os
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)


def payments(n):
    fraud = (np.random.rand(n) < 0.02).astype(np.float32)
    x = np.random.randn(n, 12).astype(np.float32)
    x[:, :4] += 0.9 * fraud[:, None]
    x[:, 4] = np.where(fraud == 1, np.abs(x[:, 4]) + 0.5, x[:, 4])
    return torch.from_numpy(x), torch.from_numpy(fraud)


x_train, y_train = payments(12000)
x_val, y_val = payments(6000)
loader = DataLoader(TensorDataset(x_train, y_train), batch_size=128, shuffle=True)


class FraudNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU())
        self.score = nn.Linear(16, 1)

    def forward(self, x):
        return self.score(self.body(x)).squeeze(-1)


model = FraudNet()
criterion = nn.BCEWithLogitsLoss(pos_weight=(y_train == 0).sum() / y_train.sum())
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)

for epoch in range(8):
    model.train()
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        flagged = model(x_val) > 0
    acc = (flagged == (y_val > 0)).float().mean()
    recall = flagged[y_val == 1].float().mean()
    specificity = (~flagged[y_val == 0]).float().mean()
    balanced = ((recall + specificity) / 2).item()
    print(f"epoch {epoch}: accuracy {acc:.4f} recall {recall:.4f} balanced {balanced:.4f}")

print(f"final_metric={balanced:.4f}")
