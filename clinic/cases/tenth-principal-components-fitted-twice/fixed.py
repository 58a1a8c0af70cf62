import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

X, y = load_digits(return_X_y=True)
X = X / 16.0
X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.25, random_state=seed)

pca = PCA(n_components=24, whiten=True, random_state=seed)
Z_train = pca.fit_transform(X_train)
Z_val = pca.transform(X_val)
print("explained:", pca.explained_variance_ratio_.sum().round(3))

train_dl = DataLoader(TensorDataset(torch.tensor(Z_train).float(), torch.tensor(y_train)), batch_size=32, shuffle=True)
Z_val, y_val = torch.tensor(Z_val).float(), torch.tensor(y_val)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(24, 40)
        self.drop = nn.Dropout(0.2)
        self.fc2 = nn.Linear(40, 10)

    def forward(self, x):
        return self.fc2(self.drop(F.relu(self.fc1(x))))


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-4)
for epoch in range(12):
    net.train()
    total = 0.0
    for xb, yb in train_dl:
        opt.zero_grad()
        loss = F.cross_entropy(net(xb), yb)
        loss.backward()
        opt.step()
        total += loss.item()
    net.eval()
    with torch.no_grad():
        out = net(Z_val)
        acc = (out.argmax(1) == y_val).float().mean().item()
        vloss = F.cross_entropy(out, y_val).item()
    print(f"epoch {epoch}: loss {total / len(train_dl):.4f}  val loss {vloss:.4f}  val acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
