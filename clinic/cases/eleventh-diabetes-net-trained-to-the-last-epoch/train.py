import os
import torch
import torch.nn as nn
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_diabetes(return_X_y=True, scaled=False)
Xtr, Xva, ytr, yva = train_test_split(X, y, test_size=0.3, random_state=seed)
sx = StandardScaler().fit(Xtr)
sy = StandardScaler().fit(ytr.reshape(-1, 1))
f = lambda a: torch.tensor(a, dtype=torch.float32)
Xtr, Xva = f(sx.transform(Xtr)), f(sx.transform(Xva))
ytr, yva = f(sy.transform(ytr.reshape(-1, 1))), f(sy.transform(yva.reshape(-1, 1)))

EPOCHS = 150
net = nn.Sequential(nn.Linear(10, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
mse = nn.MSELoss()
train_curve, val_curve = [], []
for epoch in range(EPOCHS):
    epoch_loss = 0.0
    for idx in torch.randperm(len(Xtr)).split(32):
        opt.zero_grad()
        loss = mse(net(Xtr[idx]), ytr[idx])
        loss.backward()
        opt.step()
        epoch_loss += loss.item() * len(idx)
    with torch.no_grad():
        val_curve.append(mse(net(Xva), yva).item())
    train_curve.append(epoch_loss / len(Xtr))
    if (epoch + 1) % 10 == 0 or EPOCHS < 10:
        print(f"{epoch + 1:4d}  train {train_curve[-1]:.4f}  val {val_curve[-1]:.4f}")
print(f"final_metric={1 - val_curve[-1] / yva.var().item():.4f}")
