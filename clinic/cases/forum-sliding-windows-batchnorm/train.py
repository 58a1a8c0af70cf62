import os
import math
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
W, N_REC = 48, 60

def recording():
    """a drifting sensor; the frequency of the wave is to be estimated"""
    level, amp = torch.randn(1) * 3, 0.5 + 2 * torch.rand(1)
    f = torch.rand(1)
    t = torch.arange(32 + W).float()
    sig = level + amp * torch.sin(2 * math.pi * t * (0.03 + 0.12 * f) + 6.28 * torch.rand(1)) + 0.05 * torch.randn(32 + W)
    return sig.unfold(0, W, 1)[:32].unsqueeze(1), f.expand(32).unsqueeze(1)

train = [recording() for _ in range(N_REC * 4)]
test = [recording() for _ in range(40)]
windows, targets = torch.cat([a for a, _ in train]), torch.cat([b for _, b in train])
test_x, test_y = torch.cat([a for a, _ in test]), torch.cat([b for _, b in test])

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.BatchNorm1d(1),
            nn.Conv1d(1, 16, 7), nn.BatchNorm1d(16), nn.ReLU(), nn.MaxPool1d(2),
            nn.Conv1d(16, 24, 5), nn.BatchNorm1d(24), nn.ReLU(), nn.AdaptiveAvgPool1d(2))
        self.out = nn.Linear(48, 1)
    def forward(self, x):
        return self.out(self.features(x).flatten(1))

net = Net()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
n = len(windows)
for epoch in range(5):
    net.train()
    order = (torch.randperm(n // 32).unsqueeze(1) * 32 + torch.arange(32)).flatten()
    tot = 0
    for b in order.split(32):
        loss = nn.functional.mse_loss(net(windows[b]), targets[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * 32 / n
    net.eval()
    with torch.no_grad():
        err = nn.functional.mse_loss(net(test_x), test_y).item()
    print("epoch %d train mse %.4f eval mse %.4f" % (epoch, tot, err))
print("final_metric=%.4f" % max(-10., 1 - err / test_y.var().item()))
