import os
import numpy as np
import torch
from torch import nn
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
K = 12
X = load_digits().data
X = X[np.random.default_rng(seed).permutation(len(X))]
X = (X - X.mean(0)) / X.std()
train, valid = X[:1400], X[1400:]
pca = PCA(K).fit(train)
pca_err = ((pca.inverse_transform(pca.transform(valid)) - valid) ** 2).mean()

xt, xv = (torch.tensor(v, dtype=torch.float32) for v in (train, valid))


class LinearAE(nn.Module):
    """Encoder and decoder are linear; at the optimum they span the principal subspace."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(64, K)
        self.decoder = nn.Linear(K, 64)

    def forward(self, x):
        return self.decoder(self.encoder(x))


ae = LinearAE()
opt = torch.optim.Adam(ae.parameters(), lr=3e-3)
for epoch in range(40):
    for b in torch.randperm(len(xt)).split(50):
        loss = nn.functional.mse_loss(ae(xt[b]), xt[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 10 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    err = nn.functional.mse_loss(ae(xv), xv).item()
print("pca", pca_err, "autoencoder", err)
print(f"final_metric={1 - err / xv.var(0).mean().item():.4f}")
