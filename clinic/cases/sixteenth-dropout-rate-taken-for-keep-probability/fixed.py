import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
keep_prob = 0.95

def field(n):
    p = torch.rand(n, 5) * 2 - 1
    v = torch.sin(2.5 * p[:, 0]) + p[:, 1] * p[:, 2] + p[:, 3].abs() - p[:, 4]
    return p / 0.577, ((v - 0.5) / 1.1 + 0.1 * torch.randn(n))[:, None]

train_dl = DataLoader(TensorDataset(*field(3000)), batch_size=50, shuffle=True)
xv, yv = field(1000)
model = nn.Sequential(
    nn.Linear(5, 128), nn.ReLU(), nn.Dropout(1 - keep_prob),
    nn.Linear(128, 128), nn.ReLU(), nn.Dropout(1 - keep_prob),
    nn.Linear(128, 1),
)
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
mse = nn.MSELoss()
for epoch in range(12):
    model.train()
    for x, y in train_dl:
        opt.zero_grad()
        loss = mse(model(x), y)
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        val = mse(model(xv), yv)
    print("Epoch {} loss {:.4f} val {:.4f}".format(epoch, loss, val))
print(f"final_metric={(1 - val / yv.var()).item():.4f}")
