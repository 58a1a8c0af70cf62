import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

data = load_breast_cancer()
Xtr, Xte, ytr, yte = train_test_split(data.data, data.target, test_size=0.3, random_state=seed, stratify=data.target)
sc = StandardScaler().fit(Xtr)
Xtr = torch.tensor(sc.transform(Xtr)).float()
Xte = torch.tensor(sc.transform(Xte)).float()
ytr = torch.tensor(ytr).float()
yte = torch.tensor(yte).float()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(30, 24)
        self.l2 = nn.Linear(24, 12)
        self.l3 = nn.Linear(12, 1)
        # start sparse
        nn.init.constant_(self.l1.bias, 0.0)
        nn.init.constant_(self.l2.bias, 0.0)

    def forward(self, x):
        x = F.relu(self.l1(x))
        x = F.relu(self.l2(x))
        return self.l3(x).squeeze(-1)


net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.8)

for step in range(600):
    net.train()
    opt.zero_grad()
    loss = F.binary_cross_entropy_with_logits(net(Xtr), ytr)
    loss.backward()
    opt.step()
    if step % 100 == 0:
        net.eval()
        with torch.no_grad():
            vl = F.binary_cross_entropy_with_logits(net(Xte), yte)
        print(step, loss.item(), vl.item())

net.eval()
with torch.no_grad():
    pred = (net(Xte) > 0).float()
    tpr = (pred[yte == 1] == 1).float().mean()
    tnr = (pred[yte == 0] == 0).float().mean()
balanced = ((tpr + tnr) / 2).item()
print("balanced accuracy", balanced)
print(f"final_metric={balanced:.4f}")
