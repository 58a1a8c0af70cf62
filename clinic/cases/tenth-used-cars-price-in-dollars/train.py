import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, Dataset

SEED = int(os.environ.get("SEED", 0))
np.random.seed(SEED)
torch.manual_seed(SEED)

n = 2500
year = np.random.randint(2003, 2023, n)
km = np.random.gamma(3, 30000, n)
power = np.random.normal(140, 40, n)
brand = np.random.randint(0, 4, n)
price = (24000 + 90 * (power - 140) + np.array([0, 4000, -5000, 9000])[brand]) * np.exp(-0.1 * (2023 - year)) * np.exp(-km / 400000)
price = price + 600 * np.random.randn(n)
feats = np.column_stack([year, km, power, np.eye(4)[brand]])
X_tr, X_va, y_tr, y_va = train_test_split(feats, price, test_size=0.2, random_state=SEED)
scaler = StandardScaler()
X_tr = scaler.fit_transform(X_tr)
X_va = scaler.transform(X_va)
MEAN, STD = 0.0, 1.0


class CarDataset(Dataset):
    def __init__(self, X, y):
        self.X = torch.tensor(X, dtype=torch.float32)
        self.y = torch.tensor((y - MEAN) / STD, dtype=torch.float32).unsqueeze(1)

    def __len__(self):
        return len(self.X)

    def __getitem__(self, idx):
        return self.X[idx], self.y[idx]


train_loader = DataLoader(CarDataset(X_tr, y_tr), batch_size=50, shuffle=True)
val_ds = CarDataset(X_va, y_va)


class PriceNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(7, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, 1))

    def forward(self, x):
        return self.net(x)


model = PriceNet()
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(20):
    model.train()
    running = 0.0
    for xb, yb in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
        running += loss.item()
    model.eval()
    with torch.no_grad():
        val = criterion(model(val_ds.X), val_ds.y).item()
    print(f"Epoch {epoch + 1}: train {running / len(train_loader):.4g}  val {val:.4g}")
print(f"final_metric={1 - val / val_ds.y.var().item():.4f}")
