import argparse
import os
import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--code-size", type=int, default=16)
parser.add_argument("--epochs", type=int, default=12)
parser.add_argument("--lr", type=float, default=2e-3)
opt = parser.parse_args()
torch.manual_seed(int(os.environ.get("SEED", 0)))

mixing = torch.randn(10, 40) / 10 ** 0.5


def spectra(n):
    z = torch.randn(n, 10)
    return torch.tanh(z @ mixing) * 1.6 + 0.05 * torch.randn(n, 40)


class Codec(nn.Module):
    def __init__(self, code):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(40, 64), nn.ELU(), nn.Linear(64, code))
        self.dec = nn.Sequential(nn.Linear(code, 64), nn.ELU(), nn.Linear(64, 40))

    def forward(self, x):
        return self.dec(self.enc(x))


train, test = spectra(3000), spectra(1000)
model = Codec(opt.code_size)
optimizer = torch.optim.Adam(model.parameters(), lr=opt.lr)
for epoch in range(opt.epochs):
    model.train()
    for idx in torch.randperm(len(train)).split(64):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(train[idx]), train[idx])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        mse = nn.functional.mse_loss(model(test), test).item()
    print(f"{epoch}: train {loss.item():.4f} test {mse:.4f}")
print(f"final_metric={1 - mse / test.var().item():.4f}")
