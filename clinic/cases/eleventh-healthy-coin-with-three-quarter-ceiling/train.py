import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


def visitors(n):
    x = torch.randn(n, 5)
    inclined = (x[:, 0] - x[:, 1] * x[:, 2] > 0).float()
    p_click = 0.22 + 0.56 * inclined
    return x, torch.bernoulli(p_click), (p_click > 0.5).float()


x, click, _ = visitors(12000)
xv, _, best = visitors(2000)
loader = DataLoader(TensorDataset(x, click), batch_size=128, shuffle=True)
model = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
loss_fn = nn.BCEWithLogitsLoss()
for epoch in range(6):
    total = 0.0
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(xb).squeeze(-1), yb)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(xb)
    with torch.no_grad():
        agree = ((model(xv).squeeze(-1) > 0) == (best > 0.5)).float().mean().item()
    print(f"epoch {epoch}: log loss {total / 12000:.4f}, agreement with the best rule {agree:.3f}")
print(f"final_metric={agree:.4f}")
