import os
import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm, weight_norm
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
wine = load_wine()
a, b, ya, yb = train_test_split(wine.data, wine.target, test_size=0.3, stratify=wine.target, random_state=seed)
mu, sd = a.mean(0), a.std(0)
a, b = torch.tensor((a - mu) / sd).float(), torch.tensor((b - mu) / sd).float()
ya, yb = torch.tensor(ya), torch.tensor(yb)
net = nn.Sequential(
    spectral_norm(nn.Linear(13, 32)), nn.LeakyReLU(0.1),
    weight_norm(nn.Linear(32, 32)), nn.LeakyReLU(0.1),
    nn.Linear(32, 3))
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
for epoch in range(30):
    net.train()
    for i in torch.randperm(len(a)).split(16):
        loss = nn.functional.cross_entropy(net(a[i]), ya[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
net.eval()
with torch.no_grad():
    print(f"final_metric={(net(b).argmax(1) == yb).float().mean().item():.4f}")
