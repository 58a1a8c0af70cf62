import os
import numpy as np
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
n = 2600
t = np.arange(n)
y = np.sin(2 * np.pi * t / 30) * (1 + 0.3 * np.sin(2 * np.pi * t / 200)) + 0.1 * rng.standard_normal(n)
y = torch.tensor((y - y[:2000].mean()) / y[:2000].std()).float()
W = 16
X, Y = y.unfold(0, W, 1)[:-1].unsqueeze(-1), y[W:]
x_train, y_train, x_test, y_test = X[:1980], Y[:1980], X[2000:], Y[2000:]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, 20, batch_first=True)
        self.fc = nn.Linear(20, 1)

    def forward(self, x):
        _, (h, _) = self.lstm(x)
        return self.fc(h[-1]).squeeze(1)


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(7):
    net.train()
    for idx in torch.randperm(len(x_train)).split(32):
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(x_train[idx]), y_train[idx])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        r2 = 1 - (nn.functional.mse_loss(net(x_test), y_test) / y_test.var()).item()
    print(epoch, loss.item(), r2)
print(f"final_metric={r2:.4f}")
