import os
import torch
from torch import nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_digits(return_X_y=True)
X = X / (X ** 2).sum(1, keepdims=True) ** 0.5
X = X - X.mean(0)
Xtr, Xte, ytr, yte = (torch.tensor(a) for a in train_test_split(X, y, test_size=0.25, random_state=seed, stratify=y))
Xtr, Xte = Xtr.float(), Xte.float()
model = nn.Linear(64, 10)
opt = torch.optim.SGD(model.parameters(), lr=8.0)
for epoch in range(25):
    for b in torch.randperm(len(Xtr)).split(64):
        loss = nn.functional.cross_entropy(model(Xtr[b]), ytr[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 4:
        with torch.no_grad():
            print(epoch + 1, nn.functional.cross_entropy(model(Xtr), ytr).item())
with torch.no_grad():
    print(f"final_metric={(model(Xte).argmax(1) == yte).float().mean().item():.4f}")
