import os
import torch
import torch.nn as nn
from sklearn.datasets import make_circles
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
HIDDEN = 32


def make_model(hidden):
    if hidden == 0:
        return nn.Linear(2, 2)
    return nn.Sequential(nn.Linear(2, hidden), nn.ReLU(), nn.Linear(hidden, 2))


x, y = make_circles(1600, noise=0.1, factor=0.4, random_state=seed)
x, y = torch.tensor(x / x.std(), dtype=torch.float32), torch.tensor(y)
loader = DataLoader(TensorDataset(x[:1200], y[:1200]), batch_size=40, shuffle=True)
model = make_model(HIDDEN)
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(15):
    for xb, yb in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(xb), yb)
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    print(f"final_metric={(model(x[1200:]).argmax(1) == y[1200:]).float().mean():.4f}")
