import os
import torch
import torch.nn as nn
import torch.nn.functional as F


class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.norm = nn.LayerNorm(d)
        self.up = nn.Linear(d, 2 * d)
        self.down = nn.Linear(2 * d, d)

    def forward(self, x):
        return x + self.down(F.gelu(self.up(self.norm(x))))


class Net(nn.Module):
    def __init__(self, n_in, d=48, depth=3, n_out=5):
        super().__init__()
        self.stem = nn.Linear(n_in, d)
        self.blocks = nn.ModuleList(Block(d) for _ in range(depth))
        self.head = nn.Linear(d, n_out)

    def forward(self, x):
        x = self.stem(x)
        for b in self.blocks:
            x = b(x)
        return self.head(x)


def configure_optimizer(model, lr, wd):
    decay = [p for p in model.parameters() if p.dim() >= 2]
    plain = (p for p in model.parameters() if p.dim() < 2)
    n = sum(p.numel() for p in decay)
    print(f"{n} parameters with weight decay {wd}")
    return torch.optim.AdamW([
        {"params": decay, "weight_decay": wd},
        {"params": plain, "weight_decay": 0.0},
    ], lr=lr)


torch.manual_seed(int(os.environ.get("SEED", 0)))
centres = torch.randn(5, 4, 10)
lab = torch.randint(0, 5, (3000,))
x = centres[lab, torch.randint(0, 4, (3000,))] + 0.45 * torch.randn(3000, 10)
x = (x - x[:2500].mean(0)) / x[:2500].std(0)
net = Net(10)
opt = configure_optimizer(net, lr=1e-3, wd=0.01)
for epoch in range(8):
    net.train()
    total = 0
    for i in torch.randperm(2500).split(50):
        loss = F.cross_entropy(net(x[i]), lab[i])
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        total += float(loss.detach()) * len(i)
    net.eval()
    with torch.no_grad():
        acc = float((net(x[2500:]).argmax(1) == lab[2500:]).float().mean())
    print(f"epoch {epoch} | loss {total / 2500:.4f} | val acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
