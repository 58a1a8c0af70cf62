import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits


class KSparse(nn.Module):
    def __init__(self, n, hidden=64, k=10):
        super().__init__()
        self.k = k
        self.enc = nn.Linear(n, hidden)
        self.dec = nn.Linear(hidden, n)

    def forward(self, x):
        h = torch.relu(self.enc(x))
        kth = h.topk(self.k, dim=1).values[:, -1:]
        return self.dec(torch.where(h >= kth, h, torch.zeros_like(h)))


torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.tensor(load_digits().data, dtype=torch.float32)
x = x[torch.randperm(len(x))]
x = (x - x[:1500].mean()) / x[:1500].std()
train, test = x[:1500], x[1500:]
ae = KSparse(64)
opt = torch.optim.Adam(ae.parameters(), lr=2e-3)
for epoch in range(25):
    total = 0
    for b in torch.randperm(1500).split(50):
        loss = (ae(train[b]) - train[b]).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() / 30
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1} reconstruction {total:.4f}")
with torch.no_grad():
    mse = (ae(test) - test).pow(2).mean()
print(f"final_metric={(1 - mse / (test - train.mean(0)).pow(2).mean()).item():.4f}")
