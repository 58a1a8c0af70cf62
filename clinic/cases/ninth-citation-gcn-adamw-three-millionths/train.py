import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


class GraphConv(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.lin = nn.Linear(n_in, n_out)

    def forward(self, a, h):
        return self.lin(a @ h)


class GCN(nn.Module):
    def __init__(self, n_in, hidden, classes):
        super().__init__()
        self.g1 = GraphConv(n_in, hidden)
        self.g2 = GraphConv(hidden, classes)

    def forward(self, a, h):
        return self.g2(a, F.relu(self.g1(a, h)))


def community_graph(rng, n=500, k=4, p_in=0.06, p_out=0.008):
    y = rng.integers(0, k, n)
    p = np.where(y[:, None] == y[None], p_in, p_out)
    upper = np.triu(rng.random((n, n)) < p, 1)
    a = (upper | upper.T).astype("float32") + np.eye(n, dtype="float32")
    d = 1 / np.sqrt(a.sum(1))
    x = rng.normal(size=(k, 16))[y] * 0.5 + rng.normal(size=(n, 16))
    x = (x - x.mean(0)) / x.std(0)
    return torch.tensor(d[:, None] * a * d[None]), torch.tensor(x, dtype=torch.float32), torch.tensor(y)


def main(lr=3e-6, epochs=200):
    seed = int(os.environ.get("SEED", 0))
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    a, x, y = community_graph(rng)
    order = torch.tensor(rng.permutation(len(y)))
    train, test = order[:300], order[300:]
    model = GCN(16, 16, 4)
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=5e-4)
    for epoch in range(epochs):
        model.train()
        optimizer.zero_grad()
        out = model(a, x)
        loss = F.cross_entropy(out[train], y[train])
        loss.backward()
        optimizer.step()
        if epoch % 20 == 0 or epoch == epochs - 1:
            model.eval()
            with torch.no_grad():
                acc = (model(a, x)[test].argmax(1) == y[test]).float().mean().item()
            print(f"Epoch: {epoch:03d}, Loss: {loss:.4f}, Test: {acc:.4f}")
    print(f"final_metric={acc:.4f}")


main()
