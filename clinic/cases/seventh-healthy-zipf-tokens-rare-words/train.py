import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
V, L = 1500, 16
freq = 1.0 / torch.arange(1, V + 1).float()
group = torch.randint(0, 4, (V,))


def texts(n):
    topic = torch.randint(0, 4, (n,))
    boost = 1 + 5 * (group[None] == torch.arange(4)[:, None]).float()
    return torch.stack([torch.multinomial(freq * boost[k], L, replacement=True) for k in topic]), topic


x, y = texts(3000)
xv, yv = texts(600)


class Bag(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.EmbeddingBag(V, 16, mode="mean")
        self.fc = nn.Linear(16, 4)

    def forward(self, t):
        return self.fc(torch.relu(self.emb(t)))


net = Bag()
opt = torch.optim.Adam(net.parameters(), lr=4e-3, weight_decay=1e-4)
for epoch in range(7):
    for i in torch.randperm(3000).split(50):
        loss = nn.functional.cross_entropy(net(x[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        out = net(xv)
    acc = (out.argmax(1) == yv).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} val {nn.functional.cross_entropy(out, yv).item():.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
