# Zählaufgabe: welches von zwei Ereignissen kam zuerst? (Anfang einer langen Folge)
import os
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
N_STEPS, H = 50, 20


def folgen(n):
    x = torch.zeros(n, N_STEPS, 3)
    x[:, :, 2] = 0.5 * torch.randn(n, N_STEPS)
    erst = torch.randint(0, 2, (n,))
    p = torch.randint(0, 4, (n,))
    x[torch.arange(n), p, erst] = 2.0
    x[torch.arange(n), p + 2, 1 - erst] = 2.0
    return x, erst


def set_forget_bias(lstm, value):
    for name, p in lstm.named_parameters():
        if "bias" in name:
            n = p.numel() // 4
            with torch.no_grad():
                p[n:2 * n].fill_(value)


lstm = nn.LSTM(3, H, batch_first=True)
set_forget_bias(lstm, 1.5)
kopf = nn.Linear(H, 2)
opt = torch.optim.Adam(list(lstm.parameters()) + list(kopf.parameters()), lr=5e-3)
x, y = folgen(1200)
xv, yv = folgen(400)
for i in range(240):
    b = torch.randint(0, 1200, (32,))
    _, (h, c) = lstm(x[b])
    loss = nn.functional.cross_entropy(kopf(h[-1]), y[b])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if i % 40 == 0:
        print(i, loss.item())
with torch.no_grad():
    acc = (kopf(lstm(xv)[1][0][-1]).argmax(1) == yv).float().mean().item()
print(f"final_metric={acc:.4f}")
