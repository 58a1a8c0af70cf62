import os
import torch
import torch.nn as nn
from sklearn.datasets import make_friedman1

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_friedman1(4000, n_features=8, noise=.5, random_state=int(os.environ.get("SEED", 0)))
X = torch.tensor((X - X.mean(0)) / X.std(0)).float()
y = torch.tensor((y - y.mean()) / y.std()).float().unsqueeze(1)

class MyNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(8, 64)
        self.fc2 = nn.Linear(64, 64)
        self.fc3 = nn.Linear(64, 64)
        self.fc4 = nn.Linear(64, 64)
        self.fc5 = nn.Linear(64, 1)
        self.relu = nn.ReLU()
        for p in self.parameters():
            nn.init.uniform_(p, 0, 1)
    def forward(self, x):
        x = self.relu(self.fc1(x))
        x = self.relu(self.fc2(x))
        x = self.relu(self.fc3(x))
        x = self.relu(self.fc4(x))
        return self.fc5(x)

mynn = MyNN()
loss_function = nn.MSELoss()
optimizer = torch.optim.Adam(mynn.parameters(), lr=0.001)
for i in range(10):
    for j in range(0, 3200, 64):
        mynn.zero_grad()
        loss = loss_function(mynn(X[j:j+64]), y[j:j+64])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        val = loss_function(mynn(X[3200:]), y[3200:]).item()
    print("Epoch", i, "Train:", loss.item(), "Val:", val)
print("final_metric=%.4f" % max(1 - val, -10))
