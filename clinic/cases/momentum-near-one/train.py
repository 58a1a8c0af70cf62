import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)

X, y = load_digits(return_X_y=True)
X = (X - X.mean()) / X.std()
Xt, Xv, yt, yv = train_test_split(X, y, test_size=0.25, random_state=seed)
Xt, Xv = torch.tensor(Xt, dtype=torch.float32), torch.tensor(Xv, dtype=torch.float32)
yt, yv = torch.tensor(yt), torch.tensor(yv)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.h1 = nn.Linear(64, 80)
        self.h2 = nn.Linear(80, 40)
        self.o = nn.Linear(40, 10)

    def forward(self, x):
        x = torch.tanh(self.h1(x))
        x = torch.tanh(self.h2(x))
        return self.o(x)


net = Net()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.998)

for epoch in range(14):
    net.train()
    ep = 0.0
    batches = torch.randperm(len(Xt)).split(50)
    for b in batches:
        optimizer.zero_grad()
        loss = criterion(net(Xt[b]), yt[b])
        loss.backward()
        optimizer.step()
        ep += loss.item() / len(batches)
    net.eval()
    with torch.no_grad():
        acc = (net(Xv).argmax(1) == yv).float().mean().item()
    print(f"epoch {epoch + 1:2d} | train loss {ep:8.4f} | val acc {acc:.4f}")

print(f"final_metric={acc:.4f}")
