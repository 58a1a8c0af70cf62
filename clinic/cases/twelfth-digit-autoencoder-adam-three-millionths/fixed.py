import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
X = torch.tensor(load_digits().data / 16.0, dtype=torch.float32)
X = X[torch.randperm(len(X))]
train, test = X[:1400], X[1400:]


class Denoiser(nn.Module):
    def __init__(self, code=16):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, code))
        self.decoder = nn.Sequential(nn.Linear(code, 96), nn.ReLU(), nn.Linear(96, 64))

    def forward(self, x):
        return self.decoder(self.encoder(x))


model = Denoiser()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
loss_fn = nn.MSELoss()
for epoch in range(25):
    tot = 0.0
    for clean in train[torch.randperm(1400)].split(28):
        noisy = clean + 0.1 * torch.randn_like(clean)
        loss = loss_fn(model(noisy), clean)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        tot += loss.item()
    if epoch % 5 == 0:
        print(epoch, tot / 50)
with torch.no_grad():
    err = loss_fn(model(test + 0.1 * torch.randn_like(test)), test)
print(f"final_metric={1 - err.item() / test.var(0).mean().item():.4f}")
