import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
WIDTH, DECAY, PATIENCE = 8, 0.5, 2
markers = torch.randn(390, 40)
months = markers[:, 0] - 0.8 * markers[:, 1] + 0.6 * markers[:, 2] + 0.7 * torch.randn(390)
months = (months - months[:90].mean()) / months[:90].std()
tr, va = slice(0, 90), slice(90, 390)

net = nn.Sequential(nn.Linear(40, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 1))
opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=DECAY)
best, waited = float("inf"), 0
for epoch in range(160):
    net.train()
    for idx in torch.randperm(90).split(15):
        loss = nn.functional.mse_loss(net(markers[tr][idx]).squeeze(1), months[tr][idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        val = nn.functional.mse_loss(net(markers[va]).squeeze(1), months[va]).item()
        fit = nn.functional.mse_loss(net(markers[tr]).squeeze(1), months[tr]).item()
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1} train mse {fit:.4f} val mse {val:.4f}")
    best, waited = (val, 0) if val < best else (best, waited + 1)
    if waited >= PATIENCE:
        break
print(f"final_metric={1 - val / months[va].var().item():.4f}")
