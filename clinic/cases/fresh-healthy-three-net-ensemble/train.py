import os
import torch
import torch.nn as nn
from sklearn.datasets import make_moons

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_moons(900, noise=0.2, random_state=seed)
X = torch.tensor((X - X.mean(0)) / X.std(0)).float()
y = torch.tensor(y).float()
votes = torch.zeros(300)
for member in range(3):
    net = nn.Sequential(nn.Linear(2, 24), nn.Tanh(), nn.Linear(24, 24), nn.Tanh(), nn.Linear(24, 1))
    opt = torch.optim.Adam(net.parameters(), lr=1e-2)
    boot = torch.randint(0, 600, (600,))
    for ep in range(20):
        for b in boot[torch.randperm(600)].split(40):
            loss = nn.functional.binary_cross_entropy_with_logits(net(X[b]).squeeze(1), y[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
    print("member", member, loss.item())
    with torch.no_grad():
        votes += torch.sigmoid(net(X[600:]).squeeze(1))
print("final_metric=%.4f" % ((votes > 1.5).float() == y[600:]).float().mean())
