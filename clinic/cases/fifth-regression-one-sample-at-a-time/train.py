import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get('SEED', 0)))
D = 12
w1, w2 = torch.randn(D, 6) / D ** .5, torch.randn(6)
def survey(n, noise):
    x = torch.randn(n, D)
    f = torch.tanh(x @ w1) @ w2
    return x, (f + noise * torch.randn(n))[:, None]
xtr, ytr = survey(4000, 2.0)
xva, yva = survey(1000, 0.0)
sd = ytr.std()
ytr, yva = ytr / sd, yva / sd

BATCH, EPOCHS = 1, 3
train = DataLoader(TensorDataset(xtr, ytr), batch_size=BATCH, shuffle=True)
model = nn.Sequential(nn.Linear(D, 32), nn.Tanh(), nn.Linear(32, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.05)
loss_fn = nn.MSELoss()
for ep in range(EPOCHS):
    s = 0.
    for x, y in train:
        opt.zero_grad()
        l = loss_fn(model(x), y)
        l.backward()
        opt.step()
        s += l.item() * len(x)
    with torch.no_grad():
        v = loss_fn(model(xva), yva).item()
    print(f'[{ep}] train {s / len(xtr):.4f}  noise-free val {v:.4f}')
print('final_metric=%.4f' % (1 - v / yva.var().item()))
