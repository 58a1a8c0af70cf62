import copy
import os
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
bunch = load_digits()
images = torch.tensor(bunch.images, dtype=torch.float32).unsqueeze(1) / 16
labels = torch.tensor(bunch.target)
p = torch.randperm(1797)
train, val, test = p[:1200], p[1200:1500], p[1500:]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3)
        self.conv2 = nn.Conv2d(16, 32, 3)
        self.dropout = nn.Dropout(0.25)
        self.fc1 = nn.Linear(128, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = self.dropout(torch.flatten(x, 1))
        return self.fc2(F.relu(self.fc1(x)))


net = Net()
optimizer = optim.Adam(net.parameters(), lr=1e-3)
best, best_state, patience = 0.0, None, 0
for epoch in range(15):
    net.train()
    for idx in train[torch.randperm(len(train))].split(32):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(images[idx]), labels[idx])
        loss.backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        acc = (net(images[val]).argmax(1) == labels[val]).float().mean().item()
    print(f"[{epoch + 1}] loss {loss.item():.3f} val acc {acc:.3f}")
    if acc > best:
        best, best_state, patience = acc, copy.deepcopy(net.state_dict()), 0
    else:
        patience += 1
        if patience == 3:
            break
net.load_state_dict(best_state)
with torch.no_grad():
    acc = (net(images[test]).argmax(1) == labels[test]).float().mean().item()
print(f"final_metric={acc:.4f}")
