import os
import torch
import torch.nn.functional as F
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

seed = int(os.environ.get("SEED", "0"))
torch.manual_seed(seed)
X, y = load_wine(return_X_y=True)
Xa, Xb, ya, yb = train_test_split(X, y, test_size=.3, random_state=seed, stratify=y)
sc = StandardScaler().fit(Xa)
Xa, Xb = (torch.tensor(sc.transform(v)).float() for v in (Xa, Xb))
ya, yb = torch.tensor(ya), torch.tensor(yb)

W1 = torch.nn.Parameter(torch.randn(13, 10) * 13 ** -.5)
b1 = torch.nn.Parameter(torch.zeros(10))
W2 = torch.nn.Parameter(torch.randn(10, 3) * 10 ** -.5)
b2 = torch.nn.Parameter(torch.zeros(3))

def net(x):
    return F.log_softmax(torch.tanh(x @ W1 + b1) @ W2 + b2, dim=1)

opt = torch.optim.SGD([W1, b1, W2, b2], lr=.1, weight_decay=1e-3)
for ep in range(40):
    for i in torch.randperm(len(Xa)).split(16):
        opt.zero_grad()
        F.nll_loss(net(Xa[i]), ya[i]).backward()
        opt.step()
    if ep % 8 == 7:
        with torch.no_grad():
            print(ep, F.nll_loss(net(Xa), ya).item(), F.nll_loss(net(Xb), yb).item())
with torch.no_grad():
    # served one bottle at a time
    ok = sum(int(net(Xb[k:k + 1]).argmax(1) == yb[k]) for k in range(len(yb)))
print("final_metric=%.4f" % (ok / len(yb)))
