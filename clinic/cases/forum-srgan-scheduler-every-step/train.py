import os
import numpy as np, torch, torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

seed = int(os.environ.get('SEED', 0))
torch.manual_seed(seed)
epochs = 20

hr = torch.tensor(load_digits().images / 16.0).float().unsqueeze(1)
hr = F.interpolate(hr, size=(16, 16), mode='bicubic')[torch.randperm(1797)]
lr_img = F.avg_pool2d(hr, 2)
train_hr, val_hr = hr[:800], hr[1500:]
train_lr, val_lr = lr_img[:800], lr_img[1500:]

class Generator(nn.Module):
    def __init__(self, ch=16):
        super().__init__()
        self.block1 = nn.Sequential(nn.Conv2d(1, ch, 3, padding=1), nn.PReLU())
        self.block2 = nn.Conv2d(ch, ch, 3, padding=1)
        self.up = nn.Sequential(nn.Conv2d(ch, 4, 3, padding=1), nn.PixelShuffle(2))
    def forward(self, x):
        b1 = self.block1(x)
        return self.up(b1 + F.relu(self.block2(b1)))

netG = Generator()
optimizerG = torch.optim.Adam(netG.parameters(), lr=2e-3)
schedulerG = torch.optim.lr_scheduler.StepLR(optimizerG, step_size=epochs // 2, gamma=0.1)

for epoch in range(1, epochs + 1):
    netG.train()
    running = 0
    for b in torch.randperm(800).split(32):
        fake = netG(train_lr[b])
        g_loss = F.mse_loss(fake, train_hr[b])
        optimizerG.zero_grad()
        g_loss.backward()
        optimizerG.step()
        schedulerG.step()
        running += g_loss.item() * len(b)
    if epoch % 4 == 0:
        print('[%d/%d] Loss_G: %.5f' % (epoch, epochs, running / 800))
with torch.no_grad():
    mse = F.mse_loss(netG(val_lr), val_hr).item()
print('final_metric=%.4f' % (10 * np.log10(1 / mse)))
