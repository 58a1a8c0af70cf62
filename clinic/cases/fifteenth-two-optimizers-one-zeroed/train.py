import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def multitask(n):
    x = torch.randn(n, 12)
    z = torch.tanh(x[:, :3] + 0.7 * x[:, 3:6])
    reg = (z[:, 0] * z[:, 1] + z[:, 2]) / 0.75
    cls = (z[:, 0] + z[:, 2] * z[:, 1] > 0).long()
    return x, reg, cls


class Shared(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(12, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU())
        self.reg_head, self.cls_head = nn.Linear(32, 1), nn.Linear(32, 2)

    def forward(self, x):
        h = self.encoder(x)
        return self.reg_head(h).squeeze(1), self.cls_head(h)


model = Shared()
opt_enc = torch.optim.SGD(model.encoder.parameters(), lr=0.05, momentum=0.9)
opt_heads = torch.optim.SGD([*model.reg_head.parameters(), *model.cls_head.parameters()], lr=0.05, momentum=0.9)
x, r, c = multitask(3000)
xv, rv, cv = multitask(1000)
for epoch in range(12):
    for b in torch.randperm(3000).split(50):
        pr, pc = model(x[b])
        loss = nn.functional.mse_loss(pr, r[b]) + nn.functional.cross_entropy(pc, c[b])
        opt_heads.zero_grad()
        loss.backward()
        opt_enc.step()
        opt_heads.step()
    with torch.no_grad():
        pr, pc = model(xv)
        acc = (pc.argmax(1) == cv).float().mean().item()
        r2 = 1 - ((pr - rv) ** 2).mean().item() / rv.var().item()
    print(f"epoch {epoch} loss {loss.item():.4f} acc {acc:.3f} r2 {r2:.3f}")
print(f"final_metric={acc:.4f}")
