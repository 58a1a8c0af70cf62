import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get('SEED', 0)))
d = load_digits()
x = torch.tensor(d.images, dtype=torch.float32)[:, None]
x = (x - x.mean()) / x.std()
y = torch.tensor(d.target)
p = torch.randperm(len(x))
tr, va = p[:1300], p[1300:]

backbone = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten())


def fit(model, params, target, epochs, lr, warm):
    opt = torch.optim.Adam(params, lr=lr)
    for ep in range(epochs):
        model.train()
        if not warm:
            model[0].eval()          # frozen statistics
        for b in tr[torch.randperm(len(tr))].split(32):
            loss = nn.functional.cross_entropy(model(x[b]), target[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            o = model(x[va])
            acc = (o.argmax(1) == target[va]).float().mean().item()
        print(f'  epoch {ep} loss {loss.item():.4f} val {nn.functional.cross_entropy(o, target[va]).item():.4f} acc {acc:.4f}')
    return acc


print('source task: even or odd, below or above five')
src = nn.Sequential(backbone, nn.Linear(128, 4))
fit(src, src.parameters(), (y % 2) + 2 * (y >= 5).long(), 4, 2e-3, True)
for q in backbone.parameters():
    q.requires_grad = False
print('target task: the digit')
net = nn.Sequential(backbone, nn.Linear(128, 10))
acc = fit(net, net[1].parameters(), y, 10, 5e-3, False)
print(f'final_metric={acc:.4f}')
