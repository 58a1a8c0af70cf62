import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import scale

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_breast_cancer(return_X_y=True)
X = torch.tensor(scale(X), dtype=torch.float32); y = torch.tensor(y, dtype=torch.float32)
# predict the ten "worst" columns from the ten "mean" and ten "error" columns
X, y = X[:, :20], X[:, 20:]
perm = torch.randperm(len(X)); tr, te = perm[:450], perm[450:]
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(20, 24)
        self.out = nn.Linear(24, 10)
    def forward(self, x):
        return self.out(F.relu(self.hidden(x)))
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-4)
for epoch in range(25):
    for b in tr[torch.randperm(450)].split(30):
        loss = F.mse_loss(net(X[b]), y[b])
        opt.zero_grad(); loss.backward(); opt.step()
    if epoch % 5 == 4:
        with torch.no_grad(): print(epoch, F.mse_loss(net(X[tr]), y[tr]).item(), F.mse_loss(net(X[te]), y[te]).item())
with torch.no_grad():
    print("final_metric=%.4f" % (1 - F.mse_loss(net(X[te]), y[te]) / y[te].var()))
