import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
V, L, C = 40, 10, 5
weights = torch.randn(V, C)


def make(n):
    t = torch.randint(0, V, (n, L))
    s = weights[t].sum(1)
    return t, s.argmax(1)


x, y = make(4000)
xv, yv = make(800)


class Net(nn.Module):
    def __init__(self, p=0.1):
        super().__init__()
        self.emb = nn.Embedding(V, 32)
        self.layers = nn.Sequential(nn.Dropout(p), nn.Linear(32, 64), nn.ReLU(), nn.Dropout(p), nn.Linear(64, 64), nn.ReLU(), nn.Dropout(p), nn.Linear(64, C))

    def forward(self, t):
        return self.layers(self.emb(t).mean(1) * L ** 0.5)


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
crit = nn.CrossEntropyLoss()
for epoch in range(8):
    net.train()
    avg = 0
    for i in torch.randperm(4000).split(40):
        opt.zero_grad()
        loss = crit(net(x[i]), y[i])
        loss.backward()
        opt.step()
        avg += loss.item() / 100
    net.eval()
    with torch.no_grad():
        out = net(xv)
        acc = (out.argmax(1) == yv).float().mean().item()
    print("epoch", epoch, "train", round(avg, 4), "val", round(crit(out, yv).item(), 4), "acc", round(acc, 4))
print(f"final_metric={acc:.4f}")
