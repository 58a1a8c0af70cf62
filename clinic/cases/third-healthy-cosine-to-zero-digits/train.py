import os
import torch
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR
from sklearn.datasets import load_digits
torch.manual_seed(int(os.environ.get("SEED", 0)))
b = load_digits(); X = (torch.tensor(b.images).float()[:, None] - 4.9) / 6; Y = torch.tensor(b.target)
p = torch.randperm(1797); tr, te = p[:1440], p[1440:]
net = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(.2), nn.Linear(64, 10))
E, B = 12, 40
opt = torch.optim.SGD(net.parameters(), lr=.05, momentum=.9, weight_decay=1e-3, nesterov=True)
sched = CosineAnnealingLR(opt, T_max=E * (1440 // B))
for e in range(E):
    net.train()
    for i in tr[torch.randperm(1440)].split(B):
        jitter = X[i] + .1 * torch.randn(len(i), 1, 8, 8)
        loss = nn.functional.cross_entropy(net(jitter), Y[i]); opt.zero_grad(); loss.backward(); opt.step(); sched.step()
    net.eval()
    with torch.no_grad(): o = net(X[te]); print(e, sched.get_last_lr(), "val", nn.functional.cross_entropy(o, Y[te]).item())
print("final_metric=%.4f" % (o.argmax(1) == Y[te]).float().mean().item())
