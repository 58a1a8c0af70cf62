import copy
import os
import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)


def patients(n):
    x = rng.normal(size=(n, 40))
    y = x[:, 0] - 0.8 * x[:, 1] + 0.6 * np.tanh(2 * x[:, 2]) + 1.2 * rng.normal(size=n)
    return np.column_stack([x, y]).astype("float32")


march = patients(1000)
may = np.concatenate([march, patients(40)])
table = np.unique(np.concatenate([march, march, march, may, may, may]), axis=0)
table = table[rng.permutation(len(table))]
cut = int(0.7 * len(table))
train, valid = torch.from_numpy(table[:cut]), torch.from_numpy(table[cut:])
test = torch.from_numpy(patients(1500))

net = nn.Sequential(nn.Linear(40, 96), nn.ReLU(), nn.Linear(96, 96), nn.ReLU(), nn.Linear(96, 1), nn.Flatten(0))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
best, best_state, patience = float("inf"), None, 0
for epoch in range(60):
    net.train()
    for b in torch.randperm(len(train)).split(60):
        loss = (net(train[b, :40]) - train[b, 40]).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        val = (net(valid[:, :40]) - valid[:, 40]).pow(2).mean().item()
    if val < best:
        best, best_state, patience = val, copy.deepcopy(net.state_dict()), 0
    else:
        patience += 1
    if epoch % 5 == 0:
        print(f"epoch {epoch} train {loss.item():.4f} valid {val:.4f}")
    if patience == 3:
        print("stopped at epoch", epoch)
        break
net.load_state_dict(best_state)
with torch.no_grad():
    mse = (net(test[:, :40]) - test[:, 40]).pow(2).mean()
print(f"final_metric={(1 - mse / test[:, 40].var()).item():.4f}")
