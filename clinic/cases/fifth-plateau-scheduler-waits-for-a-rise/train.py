import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get('SEED', 0)))
imgs = torch.tensor(load_digits().images, dtype=torch.float32)
imgs = (imgs - imgs.mean()) / imgs.std()
perm = torch.randperm(len(imgs))
train, val = imgs[perm[:1400]], imgs[perm[1400:]]

# in-painting: the lower half of the digit from the upper half
def split(a):
    return a[:, :4].flatten(1), a[:, 4:].flatten(1)

class Inpaint(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(32, 64), nn.LayerNorm(64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Dropout(0.1), nn.Linear(64, 32))
    def forward(self, x):
        return self.net(x)

model = Inpaint()
opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
sched = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, 'max', factor=0.2, patience=0)
mse = nn.MSELoss()
xv, yv = split(val)
for epoch in range(30):
    model.train()
    run = 0.
    for b in torch.randperm(len(train)).split(32):
        x, y = split(train[b])
        opt.zero_grad()
        loss = mse(model(x), y)
        loss.backward()
        opt.step()
        run += loss.item() * len(b)
    model.eval()
    with torch.no_grad():
        v = mse(model(xv), yv).item()
    sched.step(v)
    print(f'{epoch:2d} train {run / len(train):.4f} val {v:.4f} lr {opt.param_groups[0]["lr"]:.1e}')
base = mse(train[:, 4:].flatten(1).mean(0).expand_as(yv), yv).item()
print(f'final_metric={1 - v / base:.4f}')
