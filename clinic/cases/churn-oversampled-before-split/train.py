import copy
import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)

w_true = np.random.RandomState(7).randn(40)
w_true[6:] = 0


def customers(n):
    x = np.random.randn(n, 40)
    p = 1 / (1 + np.exp(-0.9 * (x @ w_true)))
    return x.astype(np.float32), (np.random.rand(n) < p).astype(np.float32)


def replicate(x, y, times=4):
    return np.tile(x, (times, 1)), np.tile(y, times)


x_all, y_all = customers(500)
x_next, y_next = customers(4000)          # next quarter, looked at only once

x_all, y_all = replicate(x_all, y_all)
x_train, x_val, y_train, y_val = train_test_split(x_all, y_all, test_size=0.25, random_state=seed)
x_train, y_train, x_val, y_val, x_next, y_next = map(torch.from_numpy, (x_train, y_train, x_val, y_val, x_next, y_next))


class ChurnNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(40, 128)
        self.b = nn.Linear(128, 128)
        self.c = nn.Linear(128, 1)

    def forward(self, x):
        return self.c(F.relu(self.b(F.relu(self.a(x))))).squeeze(1)


def log_loss(net, x, y):
    net.eval()
    with torch.no_grad():
        return F.binary_cross_entropy_with_logits(net(x), y).item()


net = ChurnNet()
opt = torch.optim.Adam(net.parameters(), lr=3e-4)
best, best_state, stale = 1e9, None, 0
for epoch in range(50):
    net.train()
    for idx in torch.randperm(len(x_train)).split(64):
        loss = F.binary_cross_entropy_with_logits(net(x_train[idx]), y_train[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    now = log_loss(net, x_val, y_val)
    if now < best:
        best, best_state, stale = now, copy.deepcopy(net.state_dict()), 0
    else:
        stale += 1
    print(f"epoch {epoch + 1} loss {loss.item():.4f} val log-loss {now:.4f}")
    if stale == 4:
        break

net.load_state_dict(best_state)
print(f"best val log-loss {best:.4f}")
print(f"final_metric={-log_loss(net, x_next, y_next):.4f}")
