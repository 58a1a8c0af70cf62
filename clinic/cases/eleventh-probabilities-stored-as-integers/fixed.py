import os
import torch
import torch.nn as nn
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
wine = load_wine()
Xtr, Xte, ytr, yte = train_test_split(wine.data, wine.target, test_size=0.25, stratify=wine.target, random_state=seed)
sc = MinMaxScaler((-1, 1)).fit(Xtr)
# RuntimeError: mat1 and mat2 must have the same dtype, but got Double and Float  -> cast
Xtr = torch.from_numpy(sc.transform(Xtr)).float()
Xte = torch.from_numpy(sc.transform(Xte)).float()
ytr, yte = torch.from_numpy(ytr), torch.from_numpy(yte)


class WineNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(13, 20)
        self.out = nn.Linear(20, 3)

    def forward(self, x):
        return self.out(torch.relu(self.hidden(x)))


net = WineNet()
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(30):
    for idx in torch.randperm(len(Xtr)).split(16):
        optimizer.zero_grad()
        loss = criterion(net(Xtr[idx]), ytr[idx])
        loss.backward()
        optimizer.step()
    if epoch % 10 == 9:
        with torch.no_grad():
            print(epoch + 1, loss.item(), (net(Xte).argmax(1) == yte).float().mean().item())
with torch.no_grad():
    acc = (net(Xte).argmax(1) == yte).float().mean().item()
print(f"final_metric={acc:.4f}")
