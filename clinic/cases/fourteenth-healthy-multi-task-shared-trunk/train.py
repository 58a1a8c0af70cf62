import os
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
w = torch.randn(12, 5) / 12 ** 0.5


def sample(n):
    x = torch.randn(n, 12)
    h = torch.tanh(2 * x @ w)
    label = (h[:, :3] + 0.1 * torch.randn(n, 3)).argmax(1)
    value = h[:, 3] * h[:, 4] * 2 + h[:, 0] + 0.1 * torch.randn(n)
    return x, label, value


class MultiTask(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(12, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU())
        self.classify = nn.Linear(64, 3)
        self.regress = nn.Linear(64, 1)

    def forward(self, x):
        h = self.trunk(x)
        return self.classify(h), self.regress(h).squeeze(1)


x, label, value = sample(4000)
xt, lt, vt = sample(1500)
model = MultiTask()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(12):
    model.train()
    for idx in torch.randperm(len(x)).split(64):
        logits, pred = model(x[idx])
        loss = F.cross_entropy(logits, label[idx]) + 0.5 * F.mse_loss(pred, value[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        logits, pred = model(xt)
    acc = (logits.argmax(1) == lt).float().mean().item()
    r2 = 1 - (F.mse_loss(pred, vt) / vt.var()).item()
    print(f"epoch {epoch} loss {loss.item():.4f} acc {acc:.4f} r2 {r2:.4f}")
print(f"final_metric={(acc + r2) / 2:.4f}")
