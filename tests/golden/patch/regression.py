import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
X = torch.rand(48, 3)
y = 200 + 30 * X.sum(1, keepdim=True)  # far from zero
X_train, X_test, y_train, y_test = X[:32], X[32:], y[:32], y[32:]
train = DataLoader(TensorDataset(X_train, y_train), batch_size=32)

net = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
lr = 1e-2
opt = torch.optim.Adam(net.parameters(), lr=lr)
loss_fn = nn.MSELoss()

for epoch in range(40):
    for xb, yb in train:
        loss = loss_fn(net(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()

with torch.no_grad():
    print("off by", (net(X_test) - y_test).abs().mean().item())
