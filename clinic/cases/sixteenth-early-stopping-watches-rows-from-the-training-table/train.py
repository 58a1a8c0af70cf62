import os
import copy
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
w = torch.randn(30) / 30 ** 0.5


def draw(n):
    x = torch.randn(n, 30)
    return x, ((x @ w + 0.3 * x[:, 0] * x[:, 1] + 0.9 * torch.randn(n)) > 0).float()


x_all, y_all = draw(1000)
x_test, y_test = draw(3000)       # delivered by the client at the end
perm = torch.randperm(1000)
val_rows = perm[:250]
train_rows = perm
model = nn.Sequential(nn.Linear(30, 96), nn.ReLU(), nn.Linear(96, 1))
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
bce = nn.BCEWithLogitsLoss()
best, best_state, patience = float("inf"), None, 0
for epoch in range(50):
    model.train()
    for i in train_rows[torch.randperm(len(train_rows))].split(32):
        opt.zero_grad()
        loss = bce(model(x_all[i]).squeeze(1), y_all[i])
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        v = bce(model(x_all[val_rows]).squeeze(1), y_all[val_rows]).item()
    print(epoch, round(loss.item(), 4), "val", round(v, 4))
    if v < best:
        best, best_state, patience = v, copy.deepcopy(model.state_dict()), 0
    else:
        patience += 1
        if patience == 4:
            break
model.load_state_dict(best_state)
with torch.no_grad():
    print(f"final_metric={-bce(model(x_test).squeeze(1), y_test).item():.4f}")
