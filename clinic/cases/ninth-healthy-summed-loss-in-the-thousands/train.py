import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
basis = torch.randn(6, 50)
code = torch.randn(2400, 6)
clean = torch.tanh(code @ basis * 0.5)
clean = (clean - clean.mean(0)) / clean.std(0)
noisy = clean + 0.5 * torch.randn_like(clean)

net = nn.Sequential(nn.Linear(50, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 50))
criterion = nn.MSELoss(reduction="sum")
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(12):
    total = 0.0
    for b in torch.randperm(2000).split(64):
        optimizer.zero_grad()
        loss = criterion(net(noisy[b]), clean[b])
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"epoch {epoch} summed error {total:.1f}")
with torch.no_grad():
    err = (net(noisy[2000:]) - clean[2000:]).pow(2).mean() / clean[2000:].var()
print(f"final_metric={1 - err.item():.4f}")
