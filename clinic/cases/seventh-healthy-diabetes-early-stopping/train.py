import copy
import os
import torch
from torch import nn
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
X, y = load_diabetes(return_X_y=True)
Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.25, random_state=SEED)
mx, sx, my, sy = Xa.mean(0), Xa.std(0), ya.mean(), ya.std()
Xa, Xb, ya, yb = (torch.tensor(a).float() for a in ((Xa - mx) / sx, (Xb - mx) / sx, (ya - my) / sy, (yb - my) / sy))
ya, yb = ya.unsqueeze(1), yb.unsqueeze(1)
net = nn.Sequential(nn.Linear(10, 12), nn.Tanh(), nn.Linear(12, 1))
opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-2)
best, best_state, wait = float("inf"), None, 0
for epoch in range(200):
    for i in torch.randperm(len(Xa)).split(16):
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(Xa[i]), ya[i])
        loss.backward()
        opt.step()
    with torch.no_grad():
        val = nn.functional.mse_loss(net(Xb), yb).item()
    print(f"epoch {epoch} train {loss.item():.4f} val {val:.4f}")
    if val < best - 1e-3:
        best, best_state, wait = val, copy.deepcopy(net.state_dict()), 0
    else:
        wait += 1
        if wait == 8:
            print("stopped")
            break
net.load_state_dict(best_state)
print(f"final_metric={1 - best / yb.var().item():.4f}")
