import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get('SEED', 0)))
EPOCHS = 10

x = torch.randn(3000, 8)
y = torch.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2] + 0.5 * x[:, 3] + 0.1 * torch.randn(3000)
y = ((y - y[:2400].mean()) / y[:2400].std()).unsqueeze(1)
loader = DataLoader(TensorDataset(x[:2400], y[:2400]), batch_size=32, shuffle=True)

model = nn.Sequential(nn.Linear(8, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 1))
opt = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=0.01)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=EPOCHS * len(loader), eta_min=0.0)
loss_fn = nn.MSELoss()
for epoch in range(EPOCHS):
    model.train()
    total = 0.0
    for xb, yb in loader:
        opt.zero_grad()
        loss = loss_fn(model(xb), yb)
        loss.backward()
        opt.step()
        sched.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        val = loss_fn(model(x[2400:]), y[2400:]).item()
    print(f'epoch {epoch} lr {sched.get_last_lr()[0]:.2e} train {total / len(loader):.4f} val {val:.4f}')
print(f'final_metric={1 - val / y[2400:].var().item():.4f}')
