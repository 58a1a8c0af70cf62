from __future__ import print_function
import os
from math import log10
import torch
import torch.nn as nn
import torch.nn.init as init
import torch.optim as optim
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get('SEED', 123)))
hr = torch.tensor(load_digits().images / 16., dtype=torch.float32).unsqueeze(1)
hr = F.interpolate(hr, scale_factor=2, mode='bilinear')[torch.randperm(1797)]
lr = F.interpolate(hr, scale_factor=0.5, mode='area')

class Net(nn.Module):
    def __init__(self, upscale_factor):
        super(Net, self).__init__()
        self.relu = nn.ReLU()
        self.conv1 = nn.Conv2d(1, 24, (5, 5), (1, 1), (2, 2))
        self.conv2 = nn.Conv2d(24, 24, (3, 3), (1, 1), (1, 1))
        self.conv3 = nn.Conv2d(24, 16, (3, 3), (1, 1), (1, 1))
        self.conv4 = nn.Conv2d(16, upscale_factor ** 2, (3, 3), (1, 1), (1, 1))
        self.pixel_shuffle = nn.PixelShuffle(upscale_factor)
        self._initialize_weights()
    def forward(self, x):
        x = self.relu(self.conv1(x))
        x = self.relu(self.conv2(x))
        x = self.relu(self.conv3(x))
        return self.pixel_shuffle(self.conv4(x))
    def _initialize_weights(self):
        init.orthogonal_(self.conv1.weight, init.calculate_gain('relu'))
        init.orthogonal_(self.conv2.weight, init.calculate_gain('relu'))
        init.orthogonal_(self.conv3.weight, init.calculate_gain('relu'))
        init.orthogonal_(self.conv4.weight)

model = Net(upscale_factor=2)
criterion = nn.MSELoss()
optimizer = optim.Adam(model.parameters(), lr=0.001)
for epoch in range(1, 11):
    epoch_loss = 0
    for b in torch.randperm(1000).split(16):
        optimizer.zero_grad()
        loss = criterion(model(lr[b]), hr[b])
        epoch_loss += loss.item()
        loss.backward()
        optimizer.step()
    print("===> Epoch {} Complete: Avg. Loss: {:.5f}".format(epoch, epoch_loss / 63))
with torch.no_grad():
    psnr = 10 * log10(1 / criterion(model(lr[1500:]), hr[1500:]).item())
print("final_metric=%.4f" % psnr)
