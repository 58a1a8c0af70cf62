import os
import torch
import torch.nn as nn
from sklearn.datasets import load_iris
from sklearn.model_selection import StratifiedKFold

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
data = load_iris()
scores = []
for fold, (tr, va) in enumerate(StratifiedKFold(3, shuffle=True, random_state=seed).split(data.data, data.target)):
    x = torch.tensor(data.data, dtype=torch.float32)
    x = (x - x[tr].mean(0)) / x[tr].std(0)
    y = torch.tensor(data.target)
    net = nn.Sequential(nn.Linear(4, 12), nn.Tanh(), nn.Linear(12, 3))
    opt = torch.optim.Adam(net.parameters(), lr=1e-2, weight_decay=1e-2)
    tr = torch.tensor(tr)
    for epoch in range(25):
        net.train()
        for idx in tr[torch.randperm(len(tr))].split(20):
            loss = nn.functional.cross_entropy(net(x[idx]), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        scores.append((net(x[va]).argmax(1) == y[va]).float().mean().item())
    print(f"fold {fold} loss {loss.item():.3f} acc {scores[-1]:.3f}")
print(f"final_metric={sum(scores) / 3:.4f}")
