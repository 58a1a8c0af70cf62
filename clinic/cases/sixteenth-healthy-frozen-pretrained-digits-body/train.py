import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X = torch.tensor((X - X.mean()) / X.std()).float()
y = torch.tensor(y)
p = torch.randperm(len(y))
X, y = X[p], y[p]


def fit(model, params, X, y, epochs):
    cut = int(0.75 * len(y))
    opt = torch.optim.Adam(params, lr=2e-3)
    for epoch in range(epochs):
        model.train()
        for i in torch.randperm(cut).split(32):
            opt.zero_grad()
            loss = nn.functional.cross_entropy(model(X[:cut][i]), y[:cut][i])
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            acc = (model(X[cut:]).argmax(1) == y[cut:]).float().mean().item()
        print(epoch, loss.item(), acc)
    return acc


body = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 48), nn.ReLU())
print("source task")
first = nn.Sequential(body, nn.Linear(48, 10))
fit(first, first.parameters(), X, y, 8)
for q in body.parameters():
    q.requires_grad_(False)
print("target task, body frozen")
head = nn.Linear(48, 3)
acc = fit(nn.Sequential(body, head), head.parameters(), X, y % 3, 12)
print(f"final_metric={acc:.4f}")
