import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.checkpoint import checkpoint

torch.manual_seed(int(os.environ.get("SEED", 0)))
V, T, D = 12, 20, 32
table = torch.distributions.Dirichlet(torch.full((V,), 0.25)).sample((V, ))


def text(n):
    s = [torch.randint(0, V, (n,))]
    for _ in range(T):
        s.append(torch.multinomial(table[s[-1]], 1).squeeze(1))
    return torch.stack(s, 1)


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.n1, self.n2 = nn.LayerNorm(D), nn.LayerNorm(D)
        self.qkv, self.proj = nn.Linear(D, 3 * D), nn.Linear(D, D)
        self.mlp = nn.Sequential(nn.Linear(D, 2 * D), nn.GELU(), nn.Linear(2 * D, D))

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = self.qkv(self.n1(x)).view(b, t, 3, 4, d // 4).permute(2, 0, 3, 1, 4)
        a = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(b, t, d)
        x = x + self.proj(a)
        return x + self.mlp(self.n2(x))


class CharLM(nn.Module):
    def __init__(self):
        super().__init__()
        self.tok = nn.Embedding(V, D)
        nn.init.normal_(self.tok.weight, std=0.1)
        self.pos = nn.Parameter(0.02 * torch.randn(T, D))
        self.layers = nn.ModuleList(Layer() for _ in range(2))
        self.norm = nn.LayerNorm(D)

    def forward(self, s):
        x = self.tok(s) + self.pos
        for layer in self.layers:
            x = checkpoint(layer, x, use_reentrant=False)
        return F.linear(self.norm(x), self.tok.weight)


train, val = text(2000), text(300)
lm = CharLM()
opt = torch.optim.AdamW(lm.parameters(), lr=3e-3, weight_decay=0.1)
for epoch in range(6):
    lm.train()
    for i in torch.randperm(2000).split(32):
        loss = F.cross_entropy(lm(train[i, :-1]).flatten(0, 1), train[i, 1:].flatten())
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
    lm.eval()
    with torch.no_grad():
        vl = F.cross_entropy(lm(val[:, :-1]).flatten(0, 1), val[:, 1:].flatten()).item()
        floor = -table[val[:, :-1].flatten(), val[:, 1:].flatten()].log().mean().item()
    print(f"epoch {epoch} train {loss.item():.4f} val {vl:.4f} entropy of the source {floor:.4f}")
print(f"final_metric={floor - vl:.4f}")
