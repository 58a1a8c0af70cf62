import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

mix = torch.randn(8, 36) / 8 ** 0.5


def make(n):
    z = torch.randn(n, 8)
    return torch.tanh(z @ mix) / 0.63 + 0.05 * torch.randn(n, 36)


class Coder(nn.Module):
    def __init__(self, code_size=10):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(36, 64), nn.LeakyReLU(0.1), nn.Linear(64, code_size))
        self.decoder = nn.Sequential(nn.Linear(code_size, 64), nn.LeakyReLU(0.1), nn.Linear(64, 36))

    def forward(self, x):
        return self.decoder(self.encoder(x))


train_loader = DataLoader(TensorDataset(make(4000)), batch_size=64, shuffle=True)
val = make(1000)
model = Coder()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)

for epoch in range(14):
    model.train()
    total = 0.0
    for (x,) in train_loader:
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), x)
        loss.backward()
        optimizer.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        err = nn.functional.mse_loss(model(val), val).item()
    print(f"epoch {epoch + 1:2d} train {total / len(train_loader):.4f} val {err:.4f}")

print(f"final_metric={1 - err / val.var().item():.4f}")
