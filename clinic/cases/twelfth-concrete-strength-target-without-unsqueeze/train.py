import os
import warnings
import torch
from torch import nn
from sklearn.datasets import make_regression
from torch.utils.data import DataLoader, TensorDataset

warnings.filterwarnings("ignore")
seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_regression(2000, 8, n_informative=6, noise=5.0, random_state=seed)
y = y + 40 * (X[:, 0] * X[:, 1])
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor((y - y[:1500].mean()) / y[:1500].std(), dtype=torch.float32)
loader = DataLoader(TensorDataset(X[:1500], y[:1500]), batch_size=32, shuffle=True)

model = nn.Sequential(nn.Linear(8, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, 1))
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(20):
    for inputs, targets in loader:
        optimizer.zero_grad()
        outputs = model(inputs)
        loss = criterion(outputs, targets)
        loss.backward()
        optimizer.step()
    if epoch % 5 == 0:
        print(f"epoch {epoch} loss {loss.item():.4f}")
model.eval()
with torch.no_grad():
    p = model(X[1500:]).squeeze(1)
    r2 = 1 - ((p - y[1500:]) ** 2).sum() / ((y[1500:] - y[1500:].mean()) ** 2).sum()
print(f"final_metric={r2.item():.4f}")
