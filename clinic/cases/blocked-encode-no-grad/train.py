import os
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

# 24 sensors driven non-linearly by 3 hidden factors
mix1, mix2 = torch.randn(3, 24), torch.randn(3, 24)


def simulate(n):
    f = torch.randn(n, 3)
    return torch.tanh(f @ mix1) + 0.5 * torch.sin(f @ mix2) + 0.02 * torch.randn(n, 24)


data = simulate(2400)
data = (data - data.mean(0)) / data.std(0)
train, val = data[:2000], data[2000:]


class AutoEncoder(nn.Module):
    def __init__(self, latent=4):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(24, 64), nn.SiLU(), nn.Linear(64, latent))
        self.decoder = nn.Sequential(nn.Linear(latent, 64), nn.SiLU(), nn.Linear(64, 24))

    @torch.no_grad()
    def encode(self, x):
        return self.encoder(x)

    def decode(self, z):
        return self.decoder(z)

    def forward(self, x):
        return self.decode(self.encode(x))


model = AutoEncoder()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
loss_fn = nn.MSELoss()
best = float("inf")

for epoch in range(25):
    model.train()
    for xb in train[torch.randperm(2000)].split(64):
        loss = loss_fn(model(xb), xb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        val_loss = loss_fn(model(val), val).item()
    best = min(best, val_loss)
    print(f"epoch {epoch:2d}: train {loss.item():.4f} val {val_loss:.4f}")

r2 = 1 - val_loss / val.var(dim=0).mean().item()
print(f"final_metric={r2:.4f}")
