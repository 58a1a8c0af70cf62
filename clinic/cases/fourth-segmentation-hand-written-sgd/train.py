import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))


def discs(n, size=20):
    grid = torch.stack(torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")).float()
    centre = torch.rand(n, 2, 1, 1) * 12 + 4
    radius = torch.rand(n, 1, 1) * 3 + 2.5
    mask = ((grid - centre).pow(2).sum(1) < radius**2).float()
    image = mask * 1.0 + 0.7 * torch.randn(n, size, size) - 0.3
    return image[:, None], mask[:, None]


class TinyUNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down1 = nn.Conv2d(1, 8, 3, padding=1)
        self.down2 = nn.Conv2d(8, 16, 3, padding=1)
        self.up = nn.Conv2d(24, 8, 3, padding=1)
        self.out = nn.Conv2d(8, 1, 1)

    def forward(self, x):
        a = F.relu(self.down1(x))
        b = F.relu(self.down2(F.max_pool2d(a, 2)))
        return self.out(F.relu(self.up(torch.cat([a, F.interpolate(b, scale_factor=2)], 1))))


images, masks = discs(600)
test_images, test_masks = discs(100)
net = TinyUNet()
step_size = 0.3
for epoch in range(12):
    for idx in torch.randperm(600).split(20):
        loss = F.binary_cross_entropy_with_logits(net(images[idx]), masks[idx])
        loss.backward()
        with torch.no_grad():
            for p in net.parameters():
                p -= step_size * p.grad
    print(epoch, "loss", loss.item())

with torch.no_grad():
    guess = net(test_images) > 0
truth = test_masks > 0.5
print("final_metric=%.4f" % ((guess & truth).sum() / (guess | truth).sum().clamp(min=1)).item())
