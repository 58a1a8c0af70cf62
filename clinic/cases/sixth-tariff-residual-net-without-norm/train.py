import os
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get('SEED', '0'))
torch.manual_seed(SEED)

x = torch.randn(3000, 12)
y = torch.sin(x[:, 0]) + 0.5 * x[:, 1] - 0.4 * x[:, 2].abs() + 0.4 * x[:, 3] + 0.05 * torch.randn(3000)
y = ((y - y[:2400].mean()) / y[:2400].std()).unsqueeze(1)
xtr, ytr, xva, yva = x[:2400], y[:2400], x[2400:], y[2400:]


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc1 = nn.Linear(width, width)
        self.fc2 = nn.Linear(width, width)
        for fc in (self.fc1, self.fc2):
            nn.init.kaiming_normal_(fc.weight)
            nn.init.zeros_(fc.bias)

    def forward(self, x):
        return x + self.fc2(F.relu(self.fc1(x)))


class TariffNet(nn.Module):
    def __init__(self, width=32, depth=12):
        super().__init__()
        self.inp = nn.Linear(12, width)
        self.blocks = nn.Sequential(*[Block(width) for _ in range(depth)])
        self.out = nn.Linear(width, 1)

    def forward(self, x):
        return self.out(self.blocks(self.inp(x)))


net = TariffNet()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(8):
    net.train()
    tot = 0
    for idx in torch.randperm(len(xtr)).split(60):
        loss = (net(xtr[idx]) - ytr[idx]).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(idx)
    net.eval()
    with torch.no_grad():
        mse = (net(xva) - yva).pow(2).mean().item()
    r2 = 1 - mse / yva.var().item()
    print(epoch, 'train mse %.4f' % (tot / len(xtr)), 'val r2 %.4f' % r2)
print('final_metric=%.4f' % (max(r2, -1.0) if r2 == r2 else -1.0))
