import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
V, CTX, D = 24, 4, 32
trans = torch.distributions.Dirichlet(torch.full((V * V,) + (V,), 0.05).reshape(V * V, V)).sample()


def corpus(n):
    seq = [0, 1]
    u = torch.rand(n)
    cum = trans.cumsum(1)
    for k in range(n):
        p = cum[seq[-2] * V + seq[-1]]
        seq.append(min(int(torch.searchsorted(p, u[k].item())), V - 1))
    s = torch.tensor(seq)
    x = s.unfold(0, CTX + 1, 1)
    return x[:, :-1], x[:, -1]


class CharMLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(V, D)
        self.h = nn.Linear(CTX * D, 128)
        self.out = nn.Linear(128, V)
        self.apply(self._init)

    def _init(self, m):
        if isinstance(m, (nn.Linear, nn.Embedding)):
            nn.init.normal_(m.weight, 0.0, 0.08)

    def forward(self, x):
        e = self.emb(x).flatten(1)
        return self.out(torch.relu(self.h(e)))


Xt, Yt = corpus(12000)
Xv, Yv = corpus(2000)
model = CharMLP()
opt = torch.optim.AdamW(model.parameters(), lr=2e-3)
for ep in range(5):
    model.train()
    for i in torch.randperm(len(Xt)).split(100):
        loss = nn.functional.cross_entropy(model(Xt[i]), Yt[i])
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        lv = model(Xv)
        print("epoch", ep, "train", loss.item(), "val", nn.functional.cross_entropy(lv, Yv).item())
print(f"final_metric={-nn.functional.cross_entropy(lv, Yv).item():.4f}")
