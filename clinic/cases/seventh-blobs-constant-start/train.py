import os
import torch
import torch.nn as nn
from sklearn.datasets import make_blobs
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_blobs(n_samples=3000, centers=25, n_features=4, cluster_std=1.4, random_state=seed)
y = y % 5
X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.25, random_state=seed)
mu, sigma = X_tr.mean(0), X_tr.std(0)
X_tr, X_va = torch.tensor((X_tr - mu) / sigma).float(), torch.tensor((X_va - mu) / sigma).float()
y_tr, y_va = torch.tensor(y_tr), torch.tensor(y_va)

class TwoLayer(nn.Module):
    def __init__(self, d, h, k):
        super().__init__()
        self.W1 = nn.Parameter(torch.full((d, h), 0.05))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(torch.full((h, k), 0.05))
        self.b2 = nn.Parameter(torch.zeros(k))
    def forward(self, x):
        return torch.tanh(x @ self.W1 + self.b1) @ self.W2 + self.b2

net = TwoLayer(4, 32, 5)
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for epoch in range(15):
    for i in torch.randperm(len(X_tr)).split(40):
        loss = nn.functional.cross_entropy(net(X_tr[i]), y_tr[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        out = net(X_va)
    acc = (out.argmax(1) == y_va).float().mean().item()
    print(f"epoch {epoch + 1:2d} loss {loss.item():.3f} val {nn.functional.cross_entropy(out, y_va).item():.3f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
