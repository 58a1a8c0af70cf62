import os
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.optim.lr_scheduler import StepLR
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
img = (torch.tensor(d.images).float().unsqueeze(1) - 4.884) / 6.017
lab = torch.tensor(d.target)
p = torch.randperm(1797); img, lab = img[p], lab[p]

class SiameseNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
                                      nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
        self.fc = nn.Sequential(nn.Linear(256, 64), nn.ReLU(inplace=True), nn.Linear(64, 1))
        self.sigmoid = nn.Sigmoid()
        self.backbone.apply(self.init_weights)
        self.fc.apply(self.init_weights)
    def init_weights(self, m):
        if isinstance(m, nn.Linear):
            torch.nn.init.xavier_uniform_(m.weight)
            m.bias.data.fill_(0.01)
    def forward(self, input1, input2):
        output = torch.cat((self.backbone(input1), self.backbone(input2)), 1)
        return self.sigmoid(self.fc(output))

def pairs(lo, hi, n):
    a = torch.randint(lo, hi, (n,))
    same = torch.rand(n) < .5
    b = torch.randint(lo, hi, (n,))
    for i in range(n):
        pool = torch.nonzero((lab[lo:hi] == lab[a[i]]) == same[i]).squeeze(1) + lo
        b[i] = pool[torch.randint(len(pool), (1,))]
    return a, b, same.float()

model = SiameseNetwork()
optimizer = optim.Adadelta(model.parameters(), lr=1.0)
scheduler = StepLR(optimizer, step_size=1, gamma=0.85)
criterion = nn.BCELoss()
for epoch in range(1, 9):
    model.train()
    i1, i2, t = pairs(0, 1400, 1600)
    for b in torch.arange(1600).split(40):
        optimizer.zero_grad()
        outputs = model(img[i1[b]], img[i2[b]]).squeeze()
        loss = criterion(outputs, t[b])
        loss.backward()
        optimizer.step()
    print('Train Epoch: {} Loss: {:.6f}'.format(epoch, loss.item()))
    scheduler.step()
model.eval()
i1, i2, t = pairs(1400, 1797, 1000)
with torch.no_grad():
    pred = (model(img[i1], img[i2]).squeeze() > .5).float()
print('final_metric=%.4f' % (pred == t).float().mean().item())
