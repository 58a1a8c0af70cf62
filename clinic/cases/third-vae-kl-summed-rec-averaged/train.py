import os
import torch
from torch import nn
from torch.nn import functional as F
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
data = torch.tensor(load_digits().data / 16.).float()
data = data[torch.randperm(len(data))]
train, test = data[:1500], data[1500:]

class VAE(nn.Module):
    def __init__(self):
        super(VAE, self).__init__()
        self.fc1 = nn.Linear(64, 64)
        self.fc21 = nn.Linear(64, 8)
        self.fc22 = nn.Linear(64, 8)
        self.fc3 = nn.Linear(8, 64)
        self.fc4 = nn.Linear(64, 64)
    def encode(self, x):
        h1 = F.relu(self.fc1(x - .3))
        return self.fc21(h1), self.fc22(h1)
    def reparameterize(self, mu, logvar):
        return mu + torch.randn_like(mu) * torch.exp(0.5 * logvar)
    def decode(self, z):
        return self.fc4(F.relu(self.fc3(z)))
    def forward(self, x):
        mu, logvar = self.encode(x)
        return self.decode(self.reparameterize(mu, logvar)), mu, logvar

def loss_function(recon, x, mu, logvar):
    rec = F.binary_cross_entropy_with_logits(recon, x)
    KLD = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return rec + KLD / x.size(0)

model = VAE(); optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(1, 26):
    tot = 0
    for b in torch.randperm(1500).split(50):
        optimizer.zero_grad()
        recon, mu, logvar = model(train[b])
        loss = loss_function(recon, train[b], mu, logvar)
        loss.backward(); optimizer.step(); tot += loss.item() / 30
    if epoch % 5 == 0: print('====> Epoch: {} Average loss: {:.4f}'.format(epoch, tot))
with torch.no_grad():
    mu, _ = model.encode(test)
    r2 = 1 - F.mse_loss(torch.sigmoid(model.decode(mu)), test) / F.mse_loss(train.mean(0).expand_as(test), test)
print('final_metric=%.4f' % r2)
