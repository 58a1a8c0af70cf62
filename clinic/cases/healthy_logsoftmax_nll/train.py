import os
import torch
from torch import nn
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_iris(return_X_y=True)
X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.3, random_state=seed, stratify=y)
mu, sd = X_tr.mean(0), X_tr.std(0)
X_tr, X_va = torch.tensor((X_tr - mu) / sd).float(), torch.tensor((X_va - mu) / sd).float()
y_tr, y_va = torch.tensor(y_tr), torch.tensor(y_va)

model = nn.Sequential(nn.Linear(4, 24), nn.ReLU(), nn.Linear(24, 3), nn.LogSoftmax(dim=1))
criterion = nn.NLLLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
for epoch in range(40):
    for i in torch.randperm(len(X_tr)).split(15):
        logps = model(X_tr[i])
        loss = criterion(logps, y_tr[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
ps = torch.exp(model(X_va))
top_p, top_class = ps.topk(1, dim=1)
print(f"final_metric={(top_class.view(-1) == y_va).float().mean().item():.4f}")
