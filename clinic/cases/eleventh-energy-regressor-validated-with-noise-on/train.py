import os
import torch
from torch import nn, optim
from sklearn.datasets import make_friedman2
from sklearn.preprocessing import StandardScaler

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_friedman2(n_samples=2400, noise=20.0, random_state=seed)
sx, sy = StandardScaler().fit(X[:1800]), StandardScaler().fit(y[:1800, None])
X = torch.tensor(sx.transform(X), dtype=torch.float32)
y = torch.tensor(sy.transform(y[:, None]), dtype=torch.float32)
X_train, y_train, X_val, y_val = X[:1800], y[:1800], X[1800:], y[1800:]


class SoftSensor(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin1 = nn.Linear(4, 96)
        self.lin2 = nn.Linear(96, 96)
        self.lin3 = nn.Linear(96, 1)
        self.dropout = nn.Dropout(0.5)

    def forward(self, x):
        x = self.dropout(torch.relu(self.lin1(x)))
        x = self.dropout(torch.relu(self.lin2(x)))
        return self.lin3(x)


model = SoftSensor()
optimizer = optim.Adam(model.parameters(), lr=2e-3)
mse = nn.MSELoss()
for epoch in range(30):
    for idx in torch.randperm(len(X_train)).split(60):
        optimizer.zero_grad()
        loss = mse(model(X_train[idx]), y_train[idx])
        loss.backward()
        optimizer.step()
    # validation
    with torch.no_grad():
        val = mse(model(X_val), y_val).item()
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1}: train {loss.item():.4f} val {val:.4f}")
print(f"final_metric={1 - val / y_val.var().item():.4f}")
