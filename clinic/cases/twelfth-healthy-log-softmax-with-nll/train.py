import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_wine(return_X_y=True)
a, b, ya, yb = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
sc = StandardScaler().fit(a)
a, b = torch.tensor(sc.transform(a)).float(), torch.tensor(sc.transform(b)).float()
ya, yb = torch.tensor(ya), torch.tensor(yb)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(13, 16)
        self.fc2 = nn.Linear(16, 3)

    def forward(self, x):
        return F.log_softmax(self.fc2(F.relu(self.fc1(x))), dim=1)


net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for epoch in range(25):
    net.train()
    for idx in torch.randperm(len(a)).split(12):
        optimizer.zero_grad()
        loss = F.nll_loss(net(a[idx]), ya[idx])
        loss.backward()
        optimizer.step()
net.eval()
with torch.no_grad():
    out = net(b)
print("test nll", F.nll_loss(out, yb).item())
print(f"final_metric={(out.argmax(1) == yb).float().mean().item():.4f}")
