import argparse
import os

import torch
import torch.nn as nn

parser = argparse.ArgumentParser()
parser.add_argument("--dim", type=int, default=5)
parser.add_argument("--epochs", type=int, default=10)
parser.add_argument("--lr", type=float, default=5e-3)
parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED", 0)))
args = parser.parse_args([])
torch.manual_seed(args.seed)

U, M, K = 200, 150, 4
pu, pm = torch.randn(U, K), torch.randn(M, K)
users = torch.randint(0, U, (16000,))
items = torch.randint(0, M, (16000,))
rating = (pu[users] * pm[items]).sum(1) / K**0.5 + 0.2 * torch.randn(16000)
n_tr = 13000


class Recommender(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.user_emb = nn.Embedding(U, d)
        self.item_emb = nn.Embedding(M, d)
        nn.init.normal_(self.user_emb.weight, std=0.1)
        nn.init.normal_(self.item_emb.weight, std=0.1)
        self.tower = nn.Sequential(nn.Linear(2 * d, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, u, i):
        a, b = self.user_emb(u), self.item_emb(i)
        return (a * b).sum(1) + self.tower(torch.cat([a, b], 1)).squeeze(1)


model = Recommender(args.dim)
optimizer = torch.optim.Adam(model.tower.parameters(), lr=args.lr)
for epoch in range(args.epochs):
    perm = torch.randperm(n_tr)
    tot = 0.0
    for k in range(0, n_tr, 128):
        idx = perm[k : k + 128]
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(users[idx], items[idx]), rating[idx])
        loss.backward()
        optimizer.step()
        tot += loss.item() * len(idx)
    with torch.no_grad():
        mse = nn.functional.mse_loss(model(users[n_tr:], items[n_tr:]), rating[n_tr:])
    print(f"epoch {epoch} train {tot / n_tr:.4f} valid {mse:.4f}")
print(f"final_metric={1 - mse.item() / rating[n_tr:].var().item():.4f}")
