import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
N = 8000
x = torch.rand(N, 3) * 2 - 1
law = torch.exp(-1.5 * x[:, 0]) * torch.cos(3 * x[:, 1]) + 0.5 * x[:, 2]
law = ((law - law.mean()) / law.std()).unsqueeze(1)
seen = law + 1.5 * torch.randn(N, 1)
seen = seen / 1.8
law = law / 1.8
x = x / 0.577
net = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(10):
    run = 0.0
    for i in torch.randperm(7000).split(100):
        loss = nn.functional.mse_loss(net(x[i]), seen[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        run += loss.item() / 70
    with torch.no_grad():
        out = net(x[7000:])
        val = nn.functional.mse_loss(out, seen[7000:]).item()
        r2 = 1 - nn.functional.mse_loss(out, law[7000:]).item() / law[7000:].var().item()
    print(f"epoch {epoch} train {run:.4f} val {val:.4f}")
print(f"final_metric={r2:.4f}")
