import os
import numpy as np, torch, torch.nn as nn
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler
from sklearn.model_selection import train_test_split
s = int(os.environ.get("SEED", 0)); torch.manual_seed(s); np.random.seed(s)

X, y = load_breast_cancer(return_X_y=True)
y = 1 - y  # 1 = malignant
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=.25, random_state=s, stratify=y)
sc = StandardScaler().fit(X_train)
X_train, X_test = [torch.tensor(sc.transform(a), dtype=torch.float32) for a in (X_train, X_test)]
y_train, y_test = [torch.tensor(a, dtype=torch.float32).view(-1, 1) for a in (y_train, y_test)]

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense1 = nn.Linear(30, 24)
        self.dense2 = nn.Linear(24, 12)
        self.out = nn.Linear(12, 1)
        self.act = nn.Softmax(dim=1)
    def forward(self, x):
        x = torch.relu(self.dense1(x))
        x = torch.relu(self.dense2(x))
        return self.act(self.out(x))

net = Net()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
bce = nn.BCELoss()
for epoch in range(50):
    for idx in torch.randperm(len(X_train)).split(16):
        opt.zero_grad()
        l = bce(net(X_train[idx]), y_train[idx])
        l.backward()
        opt.step()
    if epoch % 10 == 0: print("epoch", epoch, "loss", l.item())
with torch.no_grad():
    acc = ((net(X_test) > .5).float() == y_test).float().mean()
print("final_metric=%.4f" % acc)
