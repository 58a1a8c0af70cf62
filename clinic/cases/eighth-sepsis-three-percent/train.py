import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
n = 6000
sick = torch.rand(n) < 0.03
vitals = torch.randn(n, 6)
vitals[sick, 0] += 1.3
vitals[sick, 1] -= 1.2
vitals[sick, 2] += 0.9
vitals = (vitals - vitals[:4500].mean(0)) / vitals[:4500].std(0)
y = sick.float()
loader = DataLoader(TensorDataset(vitals[:4500], y[:4500]), batch_size=75, shuffle=True)
val_x, val_y = vitals[4500:], y[4500:]


class EarlyWarning(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 1))

    def forward(self, x):
        return self.net(x).squeeze(1)


model = EarlyWarning()
criterion = nn.BCEWithLogitsLoss()
opt = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)
for epoch in range(12):
    model.train()
    for xb, yb in loader:
        opt.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        flag = model(val_x) > 0
        accuracy = (flag.float() == val_y).float().mean().item()
        recall = flag[val_y == 1].float().mean().item()
        specificity = (~flag[val_y == 0]).float().mean().item()
    print(f"epoch {epoch}: accuracy {accuracy:.3f} recall {recall:.3f} specificity {specificity:.3f}")
print(f"final_metric={(recall + specificity) / 2:.4f}")
