import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get('SEED', 0)))
t = torch.linspace(0, 1, 50)

def vibration(n):
    y = torch.randint(0, 4, (n,))
    f = torch.tensor([5., 8., 11., 14.])[y][:, None] * (1 + .05 * torch.randn(n, 1))
    x = torch.sin(6.283 * (f * t + torch.rand(n, 1))) + .4 * torch.sin(6.283 * 3 * t) + .6 * torch.randn(n, 50)
    return x[:, None], y

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv1d(1, 16, 9, padding=4), nn.ReLU(), nn.MaxPool1d(2), nn.Conv1d(16, 32, 5, padding=2), nn.ReLU())
        self.head = nn.Linear(32, 4)
    def forward(self, x):
        return self.head(self.conv(x).amax(2))

x, y = vibration(1600)
m, s = x.mean(), x.std()
x = (x - m) / s
xv, yv = vibration(500)
xv = (xv - m) / s
net = Net()
opt = torch.optim.AdamW(net.parameters(), lr=2e-3)
for epoch in range(5):
    net.train()
    for b in torch.randperm(len(x)).split(40):
        opt.zero_grad(set_to_none=True)
        with torch.autocast('cpu', dtype=torch.bfloat16):
            loss = nn.functional.cross_entropy(net(x[b]), y[b])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad(), torch.autocast('cpu', dtype=torch.bfloat16):
        o = net(xv).float()
        acc = (o.argmax(1) == yv).float().mean().item()
    print(epoch, round(loss.item(), 4), round(nn.functional.cross_entropy(o, yv).item(), 4), round(acc, 4))
print(f'final_metric={acc:.4f}')
