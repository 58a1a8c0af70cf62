import os
import torch
from torch import nn
from sklearn.datasets import make_friedman1

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_friedman1(3200, n_features=6, noise=0.3, random_state=seed)
X, y = torch.tensor(X).float() * 3.46 - 1.73, torch.tensor(y).float()
y = (y - y[:1600].mean()) / y[:1600].std()
x_train, y_train, x_test, y_test = X[:1600], y[:1600], X[1600:], y[1600:]
batch_size = 2

model = nn.Sequential(
    nn.Linear(6, 32), nn.BatchNorm1d(32), nn.ReLU(),
    nn.Linear(32, 32), nn.BatchNorm1d(32), nn.ReLU(),
    nn.Linear(32, 1),
)
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(4 if batch_size < 8 else 20):
    model.train()
    for idx in torch.randperm(len(x_train)).split(batch_size):
        opt.zero_grad()
        loss = nn.functional.mse_loss(model(x_train[idx]).squeeze(1), y_train[idx])
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        r2 = 1 - (nn.functional.mse_loss(model(x_test).squeeze(1), y_test) / y_test.var()).item()
    print(epoch, loss.item(), r2)
print(f"final_metric={max(r2, -1.0):.4f}")
