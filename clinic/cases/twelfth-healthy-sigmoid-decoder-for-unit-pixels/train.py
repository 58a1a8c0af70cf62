import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
X = torch.tensor(load_digits().data / 16.0).float()
X = X[torch.randperm(len(X))]
train, test = X[:1400], X[1400:]


class AutoEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 20))
        self.decoder = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 64), nn.Sigmoid())

    def forward(self, x):
        return self.decoder(self.encoder(x))


net = AutoEncoder()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(25):
    net.train()
    tot = 0.0
    for xb in train[torch.randperm(1400)].split(35):
        loss = nn.functional.mse_loss(net(xb), xb)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
    net.eval()
    with torch.no_grad():
        val = nn.functional.mse_loss(net(test), test).item()
    if epoch % 4 == 0:
        print(epoch, tot / 40, val)
print(f"final_metric={1 - val / test.var(0).mean().item():.4f}")
