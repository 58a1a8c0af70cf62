import os, copy
import torch
from torch import nn
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
s = int(os.environ.get("SEED", 0)); torch.manual_seed(s)
X, y = load_breast_cancer(return_X_y=True); Xa, Xb, ya, yb = train_test_split(X, y, test_size=.3, stratify=y, random_state=s)
sc = StandardScaler().fit(Xa); Xa, Xb = torch.tensor(sc.transform(Xa)).float(), torch.tensor(sc.transform(Xb)).float(); ya, yb = torch.tensor(ya).float(), torch.tensor(yb).float()
net = nn.Sequential(nn.Linear(30, 8), nn.Tanh(), nn.Dropout(.1), nn.Linear(8, 1)); opt = torch.optim.Adam(net.parameters(), 4e-3, weight_decay=5e-3); bce = nn.BCEWithLogitsLoss()
best, best_state, bad = 9., None, 0
for epoch in range(60):
    net.train()
    for i in torch.randperm(len(Xa)).split(20):
        opt.zero_grad(); l = bce(net(Xa[i])[:, 0], ya[i]); l.backward(); opt.step()
    net.eval()
    with torch.no_grad(): tr, v = bce(net(Xa)[:, 0], ya).item(), bce(net(Xb)[:, 0], yb).item()
    if v < best: best, best_state, bad = v, copy.deepcopy(net.state_dict()), 0
    else: bad += 1
    if epoch % 4 == 0: print("epoch %d train %.4f val %.4f" % (epoch, tr, v))
    if bad == 3: print("stopped at", epoch, tr, v); break
net.load_state_dict(best_state)
with torch.no_grad(): print("final_metric=%.4f" % ((net(Xb)[:, 0] > 0).float() == yb).float().mean().item())
