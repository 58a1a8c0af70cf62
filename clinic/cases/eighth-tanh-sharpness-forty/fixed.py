import argparse
import os
import torch
import torch.nn as nn

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=30)
parser.add_argument("--lr", type=float, default=3e-3)
parser.add_argument("--sharpness", type=float, default=1.0)
args = parser.parse_args([])
torch.manual_seed(int(os.environ.get("SEED", 0)))


class Sharp(nn.Module):
    def __init__(self, k):
        super().__init__()
        self.k = k

    def forward(self, x):
        return torch.tanh(self.k * x)


# yield of a reactor from four standardised set points
x = torch.randn(1800, 4)
y = torch.sin(1.5 * x[:, 0]) + 0.6 * x[:, 1] * x[:, 2] + 0.4 * x[:, 3] + 0.1 * torch.randn(1800)
y = ((y - y[:1500].mean()) / y[:1500].std()).unsqueeze(1)
net = nn.Sequential(
    nn.Linear(4, 48), Sharp(args.sharpness),
    nn.Linear(48, 48), Sharp(args.sharpness),
    nn.Linear(48, 1),
)
opt = torch.optim.Adam(net.parameters(), lr=args.lr)
for epoch in range(args.epochs):
    for b in torch.randperm(1500).split(50):
        opt.zero_grad()
        err = net(x[b]) - y[b]
        loss = err.square().mean()
        loss.backward()
        opt.step()
    with torch.no_grad():
        r2 = 1 - (net(x[1500:]) - y[1500:]).square().mean() / y[1500:].var()
    if epoch % 5 == 4:
        print(f"epoch {epoch} mse {loss:.4f} r2 {r2:.4f}")
print(f"final_metric={r2:.4f}")
