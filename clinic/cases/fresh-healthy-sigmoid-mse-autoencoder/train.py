import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
pix = torch.tensor(load_digits().data, dtype=torch.float32) / 16
pix = pix[torch.randperm(len(pix))]
ae = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 12), nn.Linear(12, 48), nn.ReLU(), nn.Linear(48, 64), nn.Sigmoid())
opt = torch.optim.Adam(ae.parameters(), lr=4e-3)
for ep in range(25):
    for x in DataLoader(pix[:1400], batch_size=50, shuffle=True):
        loss = nn.functional.mse_loss(ae(x), x)
        opt.zero_grad()
        loss.backward()
        opt.step()
    if ep % 5 == 0:
        print(ep, loss.item())
with torch.no_grad():
    v = pix[1400:]
    print("final_metric=%.4f" % (1 - nn.functional.mse_loss(ae(v), v) / (v - pix[:1400].mean(0)).pow(2).mean()))
