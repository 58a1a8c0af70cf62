import os
import torch
import torch.nn as nn
from sklearn.datasets import make_friedman2
from torch.utils.data import TensorDataset, DataLoader

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_friedman2(n_samples=2400, noise=20.0, random_state=seed)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32).unsqueeze(1)
X = (X - X[:1800].mean(0)) / X[:1800].std(0)
y = (y - y[:1800].mean()) / y[:1800].std()
train_loader = DataLoader(TensorDataset(X[:1800], y[:1800]), batch_size=40, shuffle=True)
X_test, y_test = X[1800:], y[1800:]


class MLP(nn.Module):
    def __init__(self, n_in, hidden=(96, 96, 96)):
        super().__init__()
        layers = []
        for h in hidden:
            layers += [nn.Linear(n_in, h), nn.ReLU()]
            n_in = h
        layers.append(nn.Linear(n_in, 1))
        self.model = nn.Sequential(*layers)
        for m in self.model:
            if isinstance(m, nn.Linear):
                nn.init.kaiming_uniform_(m.weight, nonlinearity="relu")
                nn.init.zeros_(m.bias)

    def forward(self, x):
        return self.model(x)


net = MLP(4)
loss_function = nn.MSELoss()
optimizer = torch.optim.Adam(net.parameters(), lr=5e-4)
for epoch in range(12):
    total = 0.0
    for inputs, targets in train_loader:
        optimizer.zero_grad()
        loss = loss_function(net(inputs), targets)
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"Epoch {epoch}: {total / len(train_loader):.4f}")
with torch.no_grad():
    err = loss_function(net(X_test), y_test).item()
print(f"test mse {err:.4f}")
print(f"final_metric={max(-5.0, 1 - err / y_test.var().item()):.4f}")
