import os
import torch
from torch import nn
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_wine(return_X_y=True)
a, b, ya, yb = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
a, b, ya, yb = torch.tensor(a).float(), torch.tensor(b).float(), torch.tensor(ya), torch.tensor(yb)
net = nn.Sequential(nn.BatchNorm1d(13), nn.Linear(13, 16), nn.ReLU(), nn.Linear(16, 3))
opt = torch.optim.AdamW(net.parameters(), lr=0.01)
for epoch in range(25):
    net.train()
    for idx in torch.randperm(len(a))[:120].split(24):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(a[idx]), ya[idx])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(b)
    if epoch % 5 == 4:
        print(epoch + 1, loss.item(), nn.functional.cross_entropy(out, yb).item())
print(f"final_metric={(out.argmax(1) == yb).float().mean().item():.4f}")
