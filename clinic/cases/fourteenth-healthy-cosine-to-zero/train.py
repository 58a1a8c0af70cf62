import os
import math
import torch
from torch import nn
from sklearn.datasets import make_friedman1

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_friedman1(4000, n_features=7, noise=0.4, random_state=seed)
X = torch.tensor((X - 0.5) * math.sqrt(12)).float()
y = torch.tensor((y - y[:3000].mean()) / y[:3000].std()).float()
x_train, y_train, x_test, y_test = X[:3000], y[:3000], X[3000:], y[3000:]

model = nn.Sequential(nn.Linear(7, 48), nn.GELU(), nn.Linear(48, 48), nn.GELU(), nn.Linear(48, 1))
epochs, batch = 12, 64
opt = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=1e-2)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=epochs * math.ceil(len(x_train) / batch))
for epoch in range(epochs):
    model.train()
    for idx in torch.randperm(len(x_train)).split(batch):
        opt.zero_grad()
        loss = nn.functional.mse_loss(model(x_train[idx]).squeeze(1), y_train[idx])
        loss.backward()
        opt.step()
        sched.step()
    model.eval()
    with torch.no_grad():
        r2 = 1 - (nn.functional.mse_loss(model(x_test).squeeze(1), y_test) / y_test.var()).item()
    print(f"epoch {epoch} loss {loss.item():.4f} r2 {r2:.4f} lr {sched.get_last_lr()[0]:.2e}")
print(f"final_metric={r2:.4f}")
