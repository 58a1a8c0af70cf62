import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
X = torch.tensor(load_digits().data).float()
X = (X - X.mean()) / X.std()
X = X[torch.randperm(len(X))]
train_x, test_x = X[:1400], X[1400:]


class AutoEncoder(nn.Module):
    def __init__(self, latent=12):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, latent))
        self.decoder = nn.Sequential(nn.Linear(latent, 48), nn.ReLU(), nn.Linear(48, 64))

    def forward(self, x):
        return self.decoder(self.encoder(x))


ae = AutoEncoder()
optimizer = torch.optim.Adam(ae.parameters(), lr=2e-3)
mse = nn.MSELoss()
for epoch in range(20):
    ae.train()
    for batch in train_x[torch.randperm(len(train_x))].split(32):
        optimizer.zero_grad()
        loss = mse(ae(batch), batch)
        loss.backward()
        optimizer.step()
    ae.eval()
    with torch.no_grad():
        test = mse(ae(test_x), test_x).item()
    print(f"epoch {epoch:2d}  train {loss.item():.4f}  test {test:.4f}")
explained = 1 - test / test_x.var().item()
print(f"final_metric={explained:.4f}")
