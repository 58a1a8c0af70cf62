import os
import torch
from torch import nn

gen = torch.Generator().manual_seed(1000 + int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))
classes = torch.randn(12, 16, generator=gen) * 1.2
label = torch.randint(0, 12, (900,), generator=gen)
clips = classes[label] + torch.randn(900, 16, generator=gen)
clips = (clips - clips[:700].mean(0)) / clips[:700].std(0)


def pair_stream(lo, hi, size):
    by = [torch.nonzero(label[lo:hi] == c).flatten() + lo for c in range(12)]
    while True:
        a = torch.randint(lo, hi, (size,), generator=gen)
        same = torch.rand(size, generator=gen) < 0.5
        b = torch.randint(lo, hi, (size,), generator=gen)
        for k in torch.nonzero(same).flatten().tolist():
            pool = by[int(label[a[k]])]
            b[k] = pool[torch.randint(0, len(pool), (1,), generator=gen)]
        yield clips[a], clips[b], (label[a] == label[b]).float()


embed = nn.Sequential(nn.Linear(16, 48), nn.ReLU(), nn.Linear(48, 8))


def distance(u, v):
    return (embed(u) - embed(v)).pow(2).sum(1).sqrt()


opt = torch.optim.Adam(embed.parameters(), lr=2e-3)
stream = pair_stream(0, 700, 64)
check = [next(pair_stream(700, 900, 400)) for _ in range(1)][0]
for step in range(1, 601):
    u, v, same = next(stream)
    d = distance(u, v)
    loss = (same * d ** 2 + (1 - same) * torch.relu(2.0 - d) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 0:
        with torch.no_grad():
            d = distance(*check[:2])
            acc = ((d < 1.0).float() == check[2]).float().mean().item()
        print(f"step {step} loss {loss.item():.4f} verification {acc:.3f}")
print(f"final_metric={acc:.4f}")
