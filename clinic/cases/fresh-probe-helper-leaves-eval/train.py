import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


def conv_bn(i, o):
    return nn.Sequential(nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU())


class Net(nn.Module):
    def __init__(self, c=12):
        super().__init__()
        self.stem = conv_bn(1, c)
        self.body = nn.Sequential(*[conv_bn(c, c) for _ in range(5)])
        self.head = nn.Linear(c, 10)

    def forward(self, x):
        x = torch.max_pool2d(self.stem(x), 2)
        return self.head(self.body(x).mean((2, 3)))


def count_correct(net, x, y):
    net.eval()
    with torch.no_grad():
        c = (net(x).argmax(1) == y).sum().item()
    return c


d = load_digits()
img = torch.tensor(d.images, dtype=torch.float32).unsqueeze(1) * 15.0
lab = torch.tensor(d.target)
p = torch.randperm(len(img))
img, lab = img[p], lab[p]
xt, yt, xv, yv = img[:1300], lab[:1300], img[1300:], lab[1300:]

net = Net()
print("before training:", count_correct(net, xv, yv) / len(yv))
sgd = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for it in range(240):
    k = torch.randint(0, 1300, (32,))
    loss = nn.functional.cross_entropy(net(xt[k]), yt[k])
    sgd.zero_grad()
    loss.backward()
    sgd.step()
    if it % 60 == 0:
        print(it, loss.item())
print("final_metric=%.4f" % (count_correct(net, xv, yv) / len(yv)))
