import os
import torch
from torch import nn
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split

SEED = int(os.environ.get('SEED', 0))
torch.manual_seed(SEED)

X, y = load_diabetes(return_X_y=True)
X, Xtest, y, ytest = train_test_split(X, y, test_size=.3, random_state=SEED)
mu, sd, m, s = X.mean(0), X.std(0), y.mean(), y.std()
X, Xtest = ((torch.tensor((a - mu) / sd, dtype=torch.float32)) for a in (X, Xtest))
y, ytest = ((torch.tensor((a - m) / s, dtype=torch.float32)) for a in (y, ytest))


def enlarge(X, y, copies=5):
    """jittered copies of every patient"""
    return torch.cat([X + .02 * torch.randn_like(X) for _ in range(copies)]), y.repeat(copies)


X, y = enlarge(X, y)
perm = torch.randperm(len(X))
n = int(.8 * len(X))
tx, ty, vx, vy = X[perm[:n]], y[perm[:n]], X[perm[n:]], y[perm[n:]]

net = nn.Sequential(nn.Linear(10, 96), nn.ReLU(), nn.Linear(96, 96), nn.ReLU(), nn.Linear(96, 1))
opt = torch.optim.Adam(net.parameters(), lr=5e-4)
loss_fn = nn.MSELoss()
best, bad = float('inf'), 0
for epoch in range(120):
    net.train()
    for b in torch.randperm(len(tx)).split(32):
        loss = loss_fn(net(tx[b])[:, 0], ty[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        v = loss_fn(net(vx)[:, 0], vy).item()
    if v < best:
        best, bad = v, 0
        state = {k: p.clone() for k, p in net.state_dict().items()}
    else:
        bad += 1
    if epoch % 5 == 0:
        print(f'{epoch}: val {v:.4f}')
    if bad == 4:
        break
net.load_state_dict(state)
with torch.no_grad():
    r2 = 1 - loss_fn(net(Xtest)[:, 0], ytest).item() / ytest.var().item()
print(f'best val {best:.4f}')
print(f'final_metric={r2:.4f}')
