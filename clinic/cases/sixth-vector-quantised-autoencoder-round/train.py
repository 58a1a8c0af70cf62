import os
import torch
import torch.nn as nn

SEED = int(os.environ.get('SEED', 0))
torch.manual_seed(SEED)

# 20-dimensional signals on a 3-dimensional surface
basis = torch.randn(6, 20) / 6 ** 0.5


def signals(n):
    u = torch.rand(n, 3) * 2 - 1
    return torch.cat([u, u ** 2 - 0.33, ], 1) @ basis + 0.01 * torch.randn(n, 20)


x = signals(3000)
mean, std = x[:2400].mean(0), x[:2400].std(0)
x = (x - mean) / std
train, val = x[:2400], x[2400:]


class QuantisedAutoencoder(nn.Module):
    def __init__(self, code=6, levels=6):
        super().__init__()
        self.levels = levels
        self.encoder = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, code))
        self.decoder = nn.Sequential(nn.Linear(code, 64), nn.ReLU(), nn.Linear(64, 20))

    def forward(self, x):
        z = self.encoder(x) * self.levels
        q = torch.round(z)
        return self.decoder(q / self.levels)


model = QuantisedAutoencoder()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(20):
    model.train()
    for b in torch.randperm(2400).split(60):
        loss = (model(train[b]) - train[b]).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        v = (model(val) - val).pow(2).mean().item()
    print(epoch, 'train', round(loss.item(), 4), 'val', round(v, 4))
print(f'final_metric={1 - v:.4f}')
