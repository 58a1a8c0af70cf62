import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
w = torch.randn(10, 4) / 10 ** 0.5


def sample(n):
    x = torch.randn(n, 10)
    h = x @ w
    return x, (torch.sin(2 * h[:, 0]) + h[:, 1] * h[:, 2] + 0.5 * h[:, 3]).unsqueeze(1)


def init(m):
    if isinstance(m, nn.Linear) and m.out_features > 1:
        nn.init.xavier_uniform_(m.weight)
        nn.init.zeros_(m.bias)


loader = DataLoader(TensorDataset(*sample(4000)), batch_size=64, shuffle=True)
xv, yv = sample(1500)
model = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
model.apply(init)
opt = torch.optim.Adam(model.parameters(), lr=1.5e-3)
for epoch in range(10):
    model.train()
    for x, y in loader:
        opt.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        r2 = 1 - (nn.functional.mse_loss(model(xv), yv) / yv.var()).item()
    print(epoch, loss.item(), r2)
print(f"final_metric={r2:.4f}")
