import os
import torch
from torch import nn
from sklearn.datasets import make_friedman1

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_friedman1(3000, n_features=6, noise=0.5, random_state=seed)
X = torch.tensor((X - X[:2400].mean(0)) / X[:2400].std(0)).float()
y = torch.tensor((y - y[:2400].mean()) / y[:2400].std()).float().unsqueeze(1)
EPOCHS = 16
net = nn.Sequential(nn.Linear(6, 48), nn.GELU(), nn.Linear(48, 48), nn.GELU(), nn.Linear(48, 1))
opt = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=1e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=EPOCHS)
for epoch in range(EPOCHS):
    net.train()
    for idx in torch.randperm(2400).split(48):
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(X[idx]), y[idx])
        loss.backward()
        opt.step()
    sched.step()
    net.eval()
    with torch.no_grad():
        val = nn.functional.mse_loss(net(X[2400:]), y[2400:]).item()
    print(epoch, round(loss.item(), 4), round(val, 4), sched.get_last_lr())
print(f"final_metric={1 - val / y[2400:].var().item():.4f}")
