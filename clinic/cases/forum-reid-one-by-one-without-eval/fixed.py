import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))

class ft_net(nn.Module):
    def __init__(self, class_num=10, droprate=0.5):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16)
        self.conv2, self.bn2 = nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32)
        self.add_block = nn.Sequential(nn.Linear(128, 48), nn.LeakyReLU(0.1), nn.Dropout(droprate))
        self.classifier = nn.Linear(48, class_num)
    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
        x = F.max_pool2d(F.relu(self.bn2(self.conv2(x))), 2)
        return self.classifier(self.add_block(x.flatten(1)))

d = load_digits()
img = torch.tensor(d.images).float().unsqueeze(1) / 16
pid = torch.tensor(d.target)
perm = torch.randperm(1797)
gallery, query = perm[:1400], perm[1400:]
model = ft_net()
optimizer = torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.9, nesterov=True)

def test():
    hit = 0
    model.eval()
    with torch.no_grad():
        for i in query:
            hit += int(model(img[i:i + 1]).argmax(1) == pid[i])
    return hit / len(query)

for epoch in range(8):
    model.train()
    for b in gallery[torch.randperm(1400)].split(35):
        loss = F.cross_entropy(model(img[b]), pid[b])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    rank1 = test()
    print("Epoch %d/8 Loss: %.4f Rank@1: %.4f" % (epoch + 1, loss.item(), rank1))
print("final_metric=%.4f" % rank1)
