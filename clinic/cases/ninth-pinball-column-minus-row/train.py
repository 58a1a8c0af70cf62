import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
QUANTILE = 0.7


def pinball(pred, target, q=QUANTILE):
    err = target - pred
    return torch.max(q * err, (q - 1) * err).mean()


n = 2400
x = torch.randn(n, 6)
delay = 0.9 * x[:, 0] - 0.7 * x[:, 1] * (x[:, 2] > 0) + torch.sin(2 * x[:, 3]) + 0.4 * torch.randn(n)
delay = (delay - delay[:2000].mean()) / delay[:2000].std()
xt, yt, xv, yv = x[:2000], delay[:2000], x[2000:], delay[2000:]

model = nn.Sequential(nn.Linear(6, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 1))
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(20):
    model.train()
    hist = []
    for batch in torch.randperm(2000).split(50):
        pred = model(xt[batch])
        loss = pinball(pred, yt[batch])
        opt.zero_grad()
        loss.backward()
        opt.step()
        hist.append(loss.item())
    if epoch % 4 == 3:
        print(f"epoch {epoch + 1} pinball {sum(hist) / len(hist):.4f}")
model.eval()
with torch.no_grad():
    mine = pinball(model(xv).flatten(), yv).item()
    const = pinball(torch.quantile(yt, QUANTILE), yv).item()
print(f"final_metric={1 - mine / const:.4f}")
