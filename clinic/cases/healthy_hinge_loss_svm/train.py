import os
import torch
from torch import nn
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_breast_cancer(return_X_y=True)
X1, X2, y1, y2 = train_test_split(X, 2 * y - 1, test_size=0.3, random_state=seed, stratify=y)
s = StandardScaler().fit(X1)
X1, X2 = torch.FloatTensor(s.transform(X1)), torch.FloatTensor(s.transform(X2))
y1, y2 = torch.FloatTensor(y1), torch.FloatTensor(y2)

svm = nn.Linear(30, 1)
opt = torch.optim.SGD(svm.parameters(), lr=0.02, momentum=0.9)
for epoch in range(25):
    for i in torch.randperm(len(X1)).split(32):
        margin = y1[i] * svm(X1[i]).squeeze(1)
        loss = (1 - margin).clamp(min=0).mean() + 0.005 * svm.weight.pow(2).sum()
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item(), "outside margin", (margin >= 1).float().mean().item())
with torch.no_grad():
    acc = ((svm(X2).squeeze(1) > 0).float() * 2 - 1 == y2).float().mean().item()
print(f"final_metric={acc:.4f}")
