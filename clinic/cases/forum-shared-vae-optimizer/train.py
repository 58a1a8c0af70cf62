import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

class Encoder(nn.Module):
    def __init__(self, d=64, h=64, z=8):
        super().__init__()
        self.fc = nn.Linear(d, h)
        self.mu, self.var = nn.Linear(h, z), nn.Linear(h, z)
    def forward(self, x):
        h = F.relu(self.fc(x))
        return self.mu(h), self.var(h)

class Decoder(nn.Module):
    def __init__(self, d=64, h=64, z=8):
        super().__init__()
        self.fc = nn.Linear(z, h)
        self.out = nn.Linear(h, d)
    def forward(self, z):
        return self.out(F.relu(self.fc(z)))

class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = Encoder(), Decoder()
    def forward(self, x):
        mu, logvar = self.encoder(x)
        z = mu + torch.randn_like(mu) * torch.exp(0.5 * logvar)
        return self.decoder(z), mu, logvar

class Trainer:
    def __init__(self, seed):
        torch.manual_seed(seed)
        X = torch.tensor(load_digits().data / 16., dtype=torch.float32)
        X = X[torch.randperm(len(X))]
        self.train_x, self.test_x = X[:1500], X[1500:]
        self.model = VAE()
        self.optimizers = self.configure_optimizers()

    def configure_optimizers(self):
        return {'shared_vae': torch.optim.Adam(self.model.encoder.parameters(), lr=2e-3)}

    def train_epoch(self):
        self.model.train()
        tot = 0
        for b in torch.randperm(1500).split(50):
            x = self.train_x[b]
            recon, mu, logvar = self.model(x)
            rec = F.mse_loss(recon, x, reduction='sum') / len(b)
            kl = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp()) / len(b)
            loss = rec + 0.05 * kl
            for opt in self.optimizers.values():
                opt.zero_grad()
            loss.backward()
            for opt in self.optimizers.values():
                opt.step()
            tot += loss.item()
        return tot / 30

    def test(self):
        self.model.eval()
        with torch.no_grad():
            mu, _ = self.model.encoder(self.test_x)
            err = F.mse_loss(self.model.decoder(mu), self.test_x).item()
        return 1 - err / ((self.test_x - self.train_x.mean(0)) ** 2).mean().item()

trainer = Trainer(int(os.environ.get('SEED', 0)))
for epoch in range(25):
    l = trainer.train_epoch()
    if epoch % 5 == 4:
        print('epoch', epoch + 1, 'loss', round(l, 3))
print('final_metric=%.4f' % trainer.test())
