import argparse
import os
import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--gain", type=float, default=60.0)
parser.add_argument("--epochs", type=int, default=10)
parser.add_argument("--channels", type=int, default=16)
args = parser.parse_args()
torch.manual_seed(int(os.environ.get("SEED", 0)))


class GatedBlock(nn.Module):
    def __init__(self, channels, dilation):
        super().__init__()
        self.filter = nn.Conv1d(channels, channels, 2, dilation=dilation)
        self.gate = nn.Conv1d(channels, channels, 2, dilation=dilation)
        self.pad = nn.ConstantPad1d((dilation, 0), 0.0)

    def forward(self, x):
        x = self.pad(x)
        return torch.tanh(args.gain * self.filter(x)) * torch.sigmoid(args.gain * self.gate(x))


class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv1d(1, args.channels, 1)
        self.blocks = nn.ModuleList(GatedBlock(args.channels, 2**k) for k in range(4))
        self.last = nn.Conv1d(args.channels, 1, 1)

    def forward(self, x):
        x = self.first(x)
        for block in self.blocks:
            x = block(x)
        return self.last(x)


def waves(n, length=65):
    t = torch.arange(length).float()
    f1, f2, p1, p2 = torch.rand(4, n, 1)
    s = torch.sin((0.2 + 0.5 * f1) * t + 6.28 * p1) + 0.7 * torch.sin((0.6 + 0.4 * f2) * t + 6.28 * p2)
    return s.unsqueeze(1)


series, held_out = waves(800), waves(200)
model = Forecaster()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(args.epochs):
    for batch in torch.randperm(800).split(32):
        s = series[batch]
        loss = nn.functional.mse_loss(model(s[..., :-1])[..., 16:], s[..., 17:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(epoch, round(loss.item(), 4))
with torch.no_grad():
    mse = nn.functional.mse_loss(model(held_out[..., :-1])[..., 16:], held_out[..., 17:])
print(f"final_metric={1 - mse.item() / held_out.var().item():.4f}")
