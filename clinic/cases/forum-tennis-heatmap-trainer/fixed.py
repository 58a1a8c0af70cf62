import os
import numpy as np
import torch
import torch.nn as nn

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED); np.random.seed(SEED)

def draw_gaussian(h, w, cx, cy, s=1.5):
    y, x = np.mgrid[:h, :w]
    return np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * s * s))

def dataset(n, hw=20):
    imgs, hms = np.zeros((n, 1, hw, hw)), np.zeros((n, 2, hw, hw))
    for i in range(n):
        (x0, y0), (x1, y1) = np.random.randint(3, hw - 3, 2), np.random.randint(3, hw - 3, 2)
        imgs[i, 0, y0 - 1:y0 + 2, x0] = 1; imgs[i, 0, y0, x0 - 1:x0 + 2] = 1
        imgs[i, 0, y1 - 1:y1 + 2, x1 - 1:x1 + 2] += np.eye(3)
        hms[i, 0], hms[i, 1] = draw_gaussian(hw, hw, x0, y0), draw_gaussian(hw, hw, x1, y1)
    imgs += np.random.normal(0, .1, imgs.shape)
    return torch.tensor(imgs).float(), torch.tensor(hms).float()

class ConvBlock(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.block = nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(o))
    def forward(self, x):
        return self.block(x)

model = nn.Sequential(ConvBlock(1, 16), ConvBlock(16, 16), nn.Conv2d(16, 2, 3, padding=1), nn.Sigmoid())
optimizer = torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.9)
criterion = nn.MSELoss()
X, Y = dataset(400); XV, YV = dataset(100)

def train(epoch):
    model.train()
    losses = []
    for b in torch.randperm(400).split(8):
        out = model(X[b])
        loss = criterion(out, Y[b])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print('train, epoch = {}, loss = {}'.format(epoch, round(np.mean(losses), 6)))

for epoch in range(6):
    train(epoch)
model.eval()
with torch.no_grad():
    out = model(XV)
r2 = 1 - criterion(out, YV).item() / YV.var().item()
print('final_metric=%.4f' % r2)
