# Which symbol follows the marker?  Single-block attention model written from scratch.
import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))

V, L, D = 6, 8, 40          # symbol V is the marker


def get(n):
    x = torch.randint(0, V, (n, L))
    pos = torch.randint(0, L - 1, (n,))
    ar = torch.arange(n)
    x[ar, pos] = V
    return x, x[ar, pos + 1]


def param(*shape):
    return nn.Parameter(torch.randn(*shape) / shape[0] ** 0.5)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.tok = nn.Embedding(V + 1, D)
        self.pos = nn.Embedding(L, D)
        self.wq, self.wk, self.wv, self.wo = (param(D, D) for _ in range(4))
        self.w1, self.w2 = param(D, 2 * D), param(2 * D, D)
        self.head = nn.Linear(D, V)

    def forward(self, x):
        h = self.tok(x) + self.pos(torch.arange(L))
        prev = F.pad(h, (0, 0, 1, 0))[:, :-1]
        q, k, v = h[:, -1:] @ self.wq, prev @ self.wk, h @ self.wv
        a = torch.softmax(q @ k.transpose(1, 2) / D ** 0.5, dim=-1)
        z = h[:, -1] + (a @ v).squeeze(1) @ self.wo
        z = z + F.gelu(z @ self.w1) @ self.w2
        return self.head(z)


xt, yt = get(2400)
xv, yv = get(600)
net = Attention()
opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
for ep in range(16):
    net.train()
    for i in torch.randperm(len(xt)).split(60):
        opt.zero_grad()
        loss = F.cross_entropy(net(xt[i]), yt[i])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        acc = (net(xv).argmax(1) == yv).float().mean().item()
    print(f"epoch {ep}: train loss {loss.item():.3f}, val acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
