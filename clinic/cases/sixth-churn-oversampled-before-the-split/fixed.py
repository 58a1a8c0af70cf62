import os
import torch
import torch.nn as nn
from torch.utils.data import TensorDataset, DataLoader, random_split

SEED = int(os.environ.get('SEED', 0))
torch.manual_seed(SEED)
g = torch.Generator().manual_seed(SEED)


def customers(n):
    x = torch.randn(n, 14)
    z = x[:, 0] + x[:, 1] * x[:, 2] - 0.7 * x[:, 3] + 0.3 * torch.randn(n)
    return x, (z > 1.9).long()


def oversample(x, y):
    few = torch.nonzero(y == 1).flatten()
    copies = few[torch.randint(0, len(few), (int((y == 0).sum()) - len(few),))]
    return torch.cat([x, x[copies]]), torch.cat([y, y[copies]])


x, y = customers(3500)
n_val = len(x) // 5
train, val = random_split(TensorDataset(x, y), [len(x) - n_val, n_val], generator=g)
train = TensorDataset(*oversample(x[train.indices], y[train.indices]))
x_test, y_test = customers(3000)

model = nn.Sequential(nn.Linear(14, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 2))
opt = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.02)
ce = nn.CrossEntropyLoss()


def balanced(x, y):
    with torch.no_grad():
        p = model(x).argmax(1)
    return 0.5 * sum((p[y == k] == k).float().mean().item() for k in (0, 1))


for epoch in range(8):
    model.train()
    for xb, yb in DataLoader(train, batch_size=64, shuffle=True):
        opt.zero_grad()
        loss = ce(model(xb), yb)
        loss.backward()
        opt.step()
    model.eval()
    xs, ys = next(iter(DataLoader(val, batch_size=len(val))))
    print(f'epoch {epoch} loss {loss.item():.4f} val balanced accuracy {balanced(xs, ys):.4f}')
print(f'final_metric={balanced(x_test, y_test):.4f}')
