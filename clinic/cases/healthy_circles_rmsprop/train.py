import os, torch
from sklearn.datasets import make_circles
from torch import nn
seed = int(os.environ.get("SEED", 0)); torch.manual_seed(seed)
X, y = make_circles(1200, noise=0.08, factor=0.5, random_state=seed)
X, y = torch.tensor(X).float(), torch.tensor(y).float()
Xtr, ytr, Xte, yte = X[:900], y[:900], X[900:], y[900:]
net = nn.Sequential(nn.Linear(2, 32), nn.LeakyReLU(), nn.Linear(32, 16), nn.LeakyReLU(), nn.Linear(16, 1))
opt = torch.optim.RMSprop(net.parameters(), lr=2e-3)
for epoch in range(30):
    for b in torch.randperm(900).split(45):
        out = net(Xtr[b]).squeeze(1)
        loss = nn.functional.binary_cross_entropy_with_logits(out, ytr[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
acc = ((net(Xte).squeeze(1) > 0).float() == yte).float().mean()
print(f"final_metric={acc:.4f}")
