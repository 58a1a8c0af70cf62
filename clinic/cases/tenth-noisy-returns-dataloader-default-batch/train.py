import os
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
N = 2000
X = rng.normal(size=(N, 12)).astype(np.float32)
signal = np.tanh(X[:, 0] + 0.5 * X[:, 1]) + 0.6 * X[:, 2] - 0.4 * X[:, 3] * (X[:, 4] > 0)
y = (signal + rng.normal(scale=1.2, size=N)).astype(np.float32)
y = (y - y[:1200].mean()) / y[:1200].std()
Xt, yt = torch.from_numpy(X), torch.from_numpy(y).unsqueeze(1)

train_dataset = TensorDataset(Xt[:1200], yt[:1200])
train_loader = DataLoader(train_dataset, shuffle=True)
X_val, y_val = Xt[1200:], yt[1200:]
clean = torch.tensor(signal[1200:])


class ReturnNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(12, 16)
        self.l2 = nn.Linear(16, 1)

    def forward(self, x):
        return self.l2(torch.tanh(self.l1(x)))


model = ReturnNet()
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(5):
    total = 0
    for features, target in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(features), target)
        loss.backward()
        optimizer.step()
        total += loss.item()
    with torch.no_grad():
        pred = model(X_val)
        val = criterion(pred, y_val).item()
    print(f"epoch {epoch}: train loss {total / len(train_loader):.4f}, val loss {val:.4f}")
corr = np.corrcoef(pred.squeeze().numpy(), clean.numpy())[0, 1]
print(f"correlation with the noiseless signal {corr:.3f}")
print(f"final_metric={corr:.4f}")
