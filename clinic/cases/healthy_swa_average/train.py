import os
import torch
from torch import nn
from torch.optim.swa_utils import SWALR, AveragedModel, update_bn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
X = torch.tensor((d.data - 4.88) / 6.02, dtype=torch.float32)
y = torch.tensor(d.target)
perm = torch.randperm(len(X))
loader = DataLoader(TensorDataset(X[perm[:1408]], y[perm[:1408]]), batch_size=64, shuffle=True)
Xv, yv = X[perm[1408:]], y[perm[1408:]]

model = nn.Sequential(nn.Linear(64, 100), nn.BatchNorm1d(100), nn.ReLU(), nn.Linear(100, 10))
swa_model = AveragedModel(model)
opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=10)
swa_sched = SWALR(opt, swa_lr=0.05, anneal_epochs=2)
for epoch in range(16):
    model.train()
    for xb, yb in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(xb), yb)
        loss.backward()
        opt.step()
    if epoch >= 10:
        swa_model.update_parameters(model)
        swa_sched.step()
    else:
        sched.step()
    print(epoch, loss.item(), opt.param_groups[0]["lr"])
update_bn(loader, swa_model)
swa_model.eval()
with torch.no_grad():
    acc = (swa_model(Xv).argmax(1) == yv).float().mean().item()
print(f"final_metric={acc:.4f}")
