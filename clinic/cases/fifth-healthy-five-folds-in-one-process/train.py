import os
import numpy as np
import torch
from torch import nn
from sklearn.datasets import load_wine
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler

SEED = int(os.environ.get('SEED', 0))
torch.manual_seed(SEED)
X, y = load_wine(return_X_y=True)
scores = []
for k, (tr, va) in enumerate(StratifiedKFold(5, shuffle=True, random_state=SEED).split(X, y)):
    sc = StandardScaler().fit(X[tr])
    a, b = (torch.tensor(sc.transform(X[i]), dtype=torch.float32) for i in (tr, va))
    ya, yb = torch.tensor(y[tr]), torch.tensor(y[va])
    net = nn.Sequential(nn.Linear(13, 16), nn.Tanh(), nn.Dropout(.2), nn.Linear(16, 3))
    opt = torch.optim.Adam(net.parameters(), lr=5e-3, weight_decay=1e-3)
    for epoch in range(25):
        net.train()
        for i in torch.randperm(len(a)).split(16):
            loss = nn.functional.cross_entropy(net(a[i]), ya[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        o = net(b)
    scores.append((o.argmax(1) == yb).float().mean().item())
    print(f'fold {k} val loss {nn.functional.cross_entropy(o, yb).item():.4f} acc {scores[-1]:.4f}')
print(f'final_metric={np.mean(scores):.4f}')
