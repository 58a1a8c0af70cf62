import os
import torch
from torch import nn
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

seed = int(os.environ.get("SEED", "0"))
torch.manual_seed(seed)
features, labels = load_wine(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(features, labels, test_size=0.3, stratify=labels, random_state=seed)
scaler = StandardScaler().fit(X_train)
X_train = torch.Tensor(X_train)
X_test = torch.Tensor(X_test)
y_train, y_test = torch.LongTensor(y_train), torch.LongTensor(y_test)

class WineNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(13, 16), nn.ReLU(), nn.Linear(16, 3))
    def forward(self, x):
        return self.net(x)

wine_net = WineNet()
opt = torch.optim.Adam(wine_net.parameters(), lr=0.005, weight_decay=1e-3)
for epoch in range(30):
    perm = torch.randperm(len(X_train))
    for i in range(0, len(perm), 16):
        j = perm[i:i + 16]
        opt.zero_grad()
        loss = nn.functional.cross_entropy(wine_net(X_train[j]), y_train[j])
        loss.backward()
        opt.step()
    if epoch % 5 == 4:
        with torch.no_grad():
            print("epoch", epoch + 1, "train", nn.functional.cross_entropy(wine_net(X_train), y_train).item(),
                  "test", nn.functional.cross_entropy(wine_net(X_test), y_test).item())
with torch.no_grad():
    print("final_metric=%.4f" % (wine_net(X_test).argmax(1) == y_test).float().mean().item())
