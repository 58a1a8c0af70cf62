import os
import torch
import torch.nn as nn
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_wine(return_X_y=True)
Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.35, random_state=int(os.environ.get("SEED", 0)), stratify=y)
s = StandardScaler().fit(Xa)
Xa, Xb = (torch.tensor(s.transform(v), dtype=torch.float32) for v in (Xa, Xb))
ya, yb = torch.tensor(ya), torch.tensor(yb)


class WineNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(13, 16)
        self.b = nn.Linear(16, 3)

    def forward(self, x):
        return self.b(torch.sigmoid(self.a(x)))


net = WineNet()
criterion = nn.NLLLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)

for epoch in range(400):
    net.train()
    optimizer.zero_grad()
    loss = criterion(net(Xa), ya)
    loss.backward()
    optimizer.step()
    if epoch % 50 == 0 or epoch == 399:
        net.eval()
        with torch.no_grad():
            acc = (net(Xb).argmax(1) == yb).float().mean().item()
        print("epoch %3d   loss %9.4f   accuracy %.4f" % (epoch, loss.item(), acc))

print(f"final_metric={acc:.4f}")
