import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
V, L = 200, 16


def batch(n):
    ids = torch.randint(1, V, (n, L))
    lens = torch.randint(6, L + 1, (n,))
    mask = torch.arange(L)[None] < lens[:, None]
    ids = ids * mask
    # label: do "good" words (odd ids) outnumber "bad" ones?
    score = (torch.where(ids % 2 == 1, 1, -1) * mask).sum(1)
    keep = score.abs() >= 2
    return ids[keep], (score[keep] > 0).long(), mask[keep]


class MeanPool(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(V, 16, padding_idx=0)
        self.ff = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 2))

    def forward(self, ids, mask):
        e = self.emb(ids).sum(1) / mask.sum(1, keepdim=True)
        return self.ff(e)


model = MeanPool()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
vx, vy, vm = batch(1000)
for step in range(500):
    x, y, m = batch(80)
    loss = nn.functional.cross_entropy(model(x, m), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 0:
        print(step, loss.item())
with torch.no_grad():
    print(f"final_metric={(model(vx, vm).argmax(1) == vy).float().mean().item():.4f}")
