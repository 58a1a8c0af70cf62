import os
import torch
from torch import nn
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_wine(return_X_y=True)
Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.4, stratify=y, random_state=seed)
sc = StandardScaler().fit(Xa)
Xa, Xb = (torch.tensor(sc.transform(v), dtype=torch.float32) for v in (Xa, Xb))
ya, yb = torch.tensor(ya), torch.tensor(yb)

net = nn.Sequential(nn.Linear(13, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, 3))
for m in net:
    if isinstance(m, nn.Linear):
        nn.init.xavier_uniform_(m.weight)
        nn.init.constant_(m.bias, 0.0)

opt = torch.optim.SGD(net.parameters(), lr=0.05)
ce = nn.CrossEntropyLoss()
for epoch in range(60):
    for idx in torch.randperm(len(ya)).split(16):
        opt.zero_grad()
        loss = ce(net(Xa[idx]), ya[idx])
        loss.backward()
        opt.step()
    if epoch % 10 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    print(f"final_metric={(net(Xb).argmax(1) == yb).float().mean():.4f}")
