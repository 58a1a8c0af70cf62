import os
import torch
from torch import nn
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_wine(return_X_y=True)
Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.33, stratify=y, random_state=seed)
m, s = Xa.mean(0), Xa.std(0)
Xa, Xb = torch.tensor((Xa - m) / s).float(), torch.tensor((Xb - m) / s).float()
ya, yb = torch.tensor(ya), torch.tensor(yb)

model = nn.Sequential(nn.Linear(13, 32), nn.ReLU(), nn.Linear(32, 3))
opt = torch.optim.SGD(model.parameters(), lr=0.1)
step = 0
for epoch in range(40):
    for i in torch.randperm(len(Xa)).split(24):
        loss = nn.functional.cross_entropy(model(Xa[i]), ya[i])
        opt.zero_grad()
        loss.backward()
        std = (0.01 / (1 + step) ** 0.55) ** 0.5
        for p in model.parameters():
            p.grad.add_(torch.randn_like(p.grad), alpha=std)
        opt.step()
        step += 1
with torch.no_grad():
    acc = (model(Xb).argmax(1) == yb).float().mean().item()
print(f"final_metric={acc:.4f}")
