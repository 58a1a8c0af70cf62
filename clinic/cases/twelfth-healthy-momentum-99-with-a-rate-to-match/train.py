import os
import torch
from torch import nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_digits(return_X_y=True)
a, b, ya, yb = train_test_split(X / 8 - 1, y, test_size=0.25, random_state=seed, stratify=y)
a, b, ya, yb = torch.tensor(a).float(), torch.tensor(b).float(), torch.tensor(ya), torch.tensor(yb)
net = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10))
opt = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.99)
for epoch in range(15):
    net.train()
    tot = 0.0
    for idx in torch.randperm(len(a)).split(32):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(a[idx]), ya[idx])
        loss.backward()
        opt.step()
        tot += loss.item()
    net.eval()
    with torch.no_grad():
        out = net(b)
    print(epoch, tot / 42, nn.functional.cross_entropy(out, yb).item())
print(f"final_metric={(out.argmax(1) == yb).float().mean().item():.4f}")
