import os
import torch
from torch import nn
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
torch.set_default_dtype(torch.float64)
X, y = load_wine(return_X_y=True)
Xt, Xv, yt, yv = map(torch.tensor, train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed))
model = nn.Sequential(nn.BatchNorm1d(13, affine=False, momentum=0.02), nn.Linear(13, 24), nn.ReLU(), nn.Linear(24, 3))
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(50):
    model.train()
    for b in torch.randperm(len(Xt)).split(31):
        loss = nn.functional.cross_entropy(model(Xt[b]), yt[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
model.eval()
with torch.no_grad():
    acc = (model(Xv).argmax(1) == yv).double().mean().item()
print(f"final_metric={acc:.4f}")
