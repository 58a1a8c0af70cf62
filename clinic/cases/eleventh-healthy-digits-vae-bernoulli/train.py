import os
import torch
from torch import nn, optim
from torch.nn import functional as F
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
X = torch.tensor(load_digits().data, dtype=torch.float32) / 16
X = X[torch.randperm(len(X))]
train, test = X[:1500], X[1500:]


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(64, 96)
        self.mu, self.logvar = nn.Linear(96, 8), nn.Linear(96, 8)
        self.fc3 = nn.Linear(8, 96)
        self.fc4 = nn.Linear(96, 64)

    def encode(self, x):
        h = F.relu(self.fc1(2 * x - 1))
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return self.fc4(F.relu(self.fc3(z)))

    def forward(self, x):
        mu, logvar = self.encode(x)
        z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
        return self.decode(z), mu, logvar


def elbo(logits, x, mu, logvar):
    rec = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1)
    kld = -0.5 * (1 + logvar - mu.pow(2) - logvar.exp()).sum(1)
    return (rec + kld).mean()


model = VAE()
optimizer = optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(1, 31):
    model.train()
    for batch in train[torch.randperm(1500)].split(50):
        optimizer.zero_grad()
        logits, mu, logvar = model(batch)
        loss = elbo(logits, batch, mu, logvar)
        loss.backward()
        optimizer.step()
    if epoch % 6 == 0:
        model.eval()
        with torch.no_grad():
            logits, mu, logvar = model(test)
            print(f"====> Epoch {epoch} train {loss.item():.2f} test {elbo(logits, test, mu, logvar).item():.2f}")
with torch.no_grad():
    rec = torch.sigmoid(model.decode(model.encode(test)[0]))
    r2 = 1 - (rec - test).pow(2).sum() / (test - test.mean(0)).pow(2).sum()
print(f"final_metric={r2.item():.4f}")
