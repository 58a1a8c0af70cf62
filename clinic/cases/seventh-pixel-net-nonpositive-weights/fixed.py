import os
import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim

SEED = int(os.environ.get("SEED", 0))
np.random.seed(SEED)
torch.manual_seed(SEED)


def shapes(n):
    imgs, labels = np.zeros((n, 1, 16, 16), "float32"), np.random.randint(0, 4, n)
    for k in range(n):
        r, c = np.random.randint(2, 8, 2)
        s = np.random.randint(5, 8)
        if labels[k] == 0:
            imgs[k, 0, r:r + s, c:c + s] = 1
        elif labels[k] == 1:
            imgs[k, 0, r:r + s, c + s // 2] = 1
        elif labels[k] == 2:
            imgs[k, 0, r + s // 2, c:c + s] = 1
        else:
            for d in range(s):
                imgs[k, 0, r + d, c + d] = 1
    imgs = np.clip(imgs * np.random.uniform(0.6, 1, (n, 1, 1, 1)) + np.random.uniform(0, 0.3, imgs.shape), 0, 1)
    return torch.tensor(imgs, dtype=torch.float32), torch.tensor(labels)


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Linear(16 * 4 * 4, 4)
        for conv in (self.conv1, self.conv2):
            fan_in = conv.weight[0].numel()
            nn.init.uniform_(conv.weight, -(6 / fan_in) ** 0.5, (6 / fan_in) ** 0.5)
            nn.init.zeros_(conv.bias)

    def forward(self, x):
        x = self.pool(torch.relu(self.conv1(x)))
        x = self.pool(torch.relu(self.conv2(x)))
        return self.fc(x.flatten(1))


x_train, y_train = shapes(2000)
x_val, y_val = shapes(500)
net = Net()
optimizer = optim.Adam(net.parameters(), lr=2e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(8):
    running = 0.0
    for idx in torch.randperm(2000).split(40):
        optimizer.zero_grad()
        loss = criterion(net(x_train[idx]), y_train[idx])
        loss.backward()
        optimizer.step()
        running += loss.item()
    with torch.no_grad():
        acc = (net(x_val).argmax(1) == y_val).float().mean().item()
    print("[%d] loss: %.3f val acc: %.3f" % (epoch + 1, running / 50, acc))
print("final_metric=%.4f" % acc)
