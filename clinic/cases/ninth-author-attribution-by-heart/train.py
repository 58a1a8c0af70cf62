import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
conf = {"epochs": 60, "dim": 32, "lr": 2e-3, "vocab": 400}


def letters(n):
    y = torch.randint(0, 2, (n,))
    base = torch.randint(20, conf["vocab"], (n, 40))
    tell = torch.randint(0, 10, (n, 40)) + 10 * y[:, None]
    wrong = torch.randint(0, 20, (n, 40))
    tell = torch.where(torch.rand(n, 40) < 0.4, wrong, tell)
    return torch.where(torch.rand(n, 40) < 0.14, tell, base), y


class Author(nn.Module):
    def __init__(self, vocab, dim):
        super().__init__()
        self.bag = nn.EmbeddingBag(vocab, dim, mode="mean")
        self.fc1 = nn.Linear(dim, 32)
        self.fc2 = nn.Linear(32, 2)

    def forward(self, ids):
        return self.fc2(F.relu(self.fc1(self.bag(ids))))


x, y = letters(400)
xv, yv = letters(500)
net = Author(conf["vocab"], conf["dim"])
opt = torch.optim.Adam(net.parameters(), lr=conf["lr"])
for epoch in range(conf["epochs"]):
    total = 0.0
    net.train()
    for b in torch.randperm(len(x)).split(20):
        loss = F.cross_entropy(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(b)
    net.eval()
    with torch.no_grad():
        out = net(xv)
        val = F.cross_entropy(out, yv).item()
        acc = (out.argmax(1) == yv).float().mean().item()
    print(f"epoch {epoch} train {total / len(x):.3f} val {val:.3f} acc {acc:.3f}")
print(f"final_metric={-val:.4f}")
