import os
import torch
import torch.nn as nn
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


class Standardise(nn.Module):
    def __init__(self, x):
        super().__init__()
        self.register_buffer("mu", x.mean(0))
        self.register_buffer("sd", x.std(0))

    def forward(self, x):
        return (x - self.mu) / self.sd


X, y = load_wine(return_X_y=True)
Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
Xa, Xb = torch.tensor(Xa).float(), torch.tensor(Xb).float()
ya, yb = torch.tensor(ya), torch.tensor(yb)
net = nn.Sequential(Standardise(Xa), nn.Linear(13, 16), nn.ReLU(), nn.Linear(16, 3))
opt = torch.optim.SGD([p for p in net.parameters()], lr=0.05, momentum=0.9, weight_decay=1e-3)
for ep in range(40):
    for b in torch.randperm(len(Xa)).split(25):
        l = nn.functional.cross_entropy(net(Xa[b]), ya[b])
        opt.zero_grad(); l.backward(); opt.step()
    if ep % 10 == 0:
        print(ep, l.item())
print("final_metric=%.4f" % (net(Xb).argmax(1) == yb).float().mean().item())
