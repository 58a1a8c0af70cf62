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


class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.norm = nn.LayerNorm(d)
        self.fc = nn.Linear(d, d)

    def forward(self, x):
        return torch.relu(self.fc(self.norm(x)))


class Deep(nn.Module):
    def __init__(self, d=32, depth=40):
        super().__init__()
        self.stem = nn.Linear(64, d)
        self.blocks = nn.Sequential(*[Block(d) for _ in range(depth)])
        self.head = nn.Sequential(nn.LayerNorm(d), nn.Linear(d, 10))

    def forward(self, x):
        return self.head(self.blocks(self.stem(x)))


net = Deep()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(8):
    tot = 0.0
    for idx in torch.randperm(len(a)).split(64):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(a[idx]), ya[idx])
        loss.backward()
        opt.step()
        tot += loss.item()
    print(epoch, tot / 22)
with torch.no_grad():
    print(f"final_metric={(net(b).argmax(1) == yb).float().mean().item():.4f}")
