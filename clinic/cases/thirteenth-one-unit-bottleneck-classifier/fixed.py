import os
import torch
from torch import nn
from sklearn.datasets import load_digits


class BottleneckNet(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.reduce = nn.Linear(64, width)
        self.act = nn.ELU()
        self.expand = nn.Linear(width, 32)
        self.classify = nn.Linear(32, 10)

    def forward(self, x):
        z = self.act(self.reduce(x))
        return self.classify(self.act(self.expand(z)))


def run(width=32, epochs=20, lr=5e-3):
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    d = load_digits()
    x = torch.tensor(d.data, dtype=torch.float32)
    x = (x - x.mean()) / x.std()
    y = torch.tensor(d.target)
    p = torch.randperm(len(y))
    tr, va = p[:1400], p[1400:]
    net = BottleneckNet(width)
    opt = torch.optim.AdamW(net.parameters(), lr=lr)
    for epoch in range(epochs):
        for b in tr[torch.randperm(len(tr))].split(64):
            opt.zero_grad()
            loss = nn.functional.cross_entropy(net(x[b]), y[b])
            loss.backward()
            opt.step()
        with torch.no_grad():
            train_acc = (net(x[tr]).argmax(1) == y[tr]).float().mean().item()
            acc = (net(x[va]).argmax(1) == y[va]).float().mean().item()
        print(f"epoch {epoch} loss {loss.item():.3f} train {train_acc:.3f} valid {acc:.3f}")
    return acc


print(f"final_metric={run():.4f}")
