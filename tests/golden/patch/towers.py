"""A tower of layers; 'quotes' of both kinds, and comments that must stay."""
import torch
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

RATE = 0.05   # read only once

X, y = make_moons(256, noise=.1, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)  # held out

train = TensorDataset(torch.tensor(X_train).float(), torch.tensor(y_train))
loader = DataLoader(train, batch_size=16)


class Net(nn.Module):
    def __init__(self, width=8, act=nn.Sigmoid):
        super().__init__()
        layers = [nn.Linear(2, width), act(), nn.Dropout(0.1)]  # 第一层
        for _ in range(2):
            layers += [nn.Linear(width, width),
                       nn.Sigmoid()]
        layers.append(nn.Linear(width, 2))
        self.net = nn.Sequential(*layers)

    def forward(self, x):
        return self.net(x)


model = Net()

# the optimizer
optimizer = optim.SGD(
    model.parameters(),
    lr=RATE,
    momentum=0.9, nesterov=True,
    weight_decay=1e-4,  # a little
)
criterion = nn.CrossEntropyLoss()

for epoch in range(2):
    for xb, yb in loader:
        loss = criterion(model(xb), yb); optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1e-3)  # why?
        optimizer.step()
    print("epoch", epoch, 'loss', loss.item())
