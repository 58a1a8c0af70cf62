import os
import torch
from torch import nn


class DeliveryModel(nn.Module):
    def __init__(self, n_shops, n_features):
        super().__init__()
        self.shop = nn.Embedding(n_shops, 8)
        self.body = nn.Sequential(nn.Linear(8 + n_features, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU())
        self.out = nn.Linear(64, 1)

    def forward(self, shop, feats):
        h = torch.cat([self.shop(shop), feats], dim=1)
        return self.out(self.body(h)).squeeze(1)


def orders(n, shop_speed):
    shop = torch.randint(0, len(shop_speed), (n,))
    feats = torch.randn(n, 4)
    seconds = 1900 + 350 * shop_speed[shop] + 420 * feats[:, 0] + 200 * torch.relu(feats[:, 1]) * feats[:, 2].sign()
    return shop, feats, seconds + 60 * torch.randn(n)


torch.manual_seed(int(os.environ.get("SEED", 0)))
speed = torch.randn(20)
shop, feats, target = orders(2500, speed)
vshop, vfeats, vtarget = orders(500, speed)
mean, std = target.mean(), target.std()
target, vtarget = (target - mean) / std, (vtarget - mean) / std
model = DeliveryModel(20, 4)
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
mae = nn.L1Loss()
for epoch in range(12):
    for b in torch.randperm(len(shop)).split(64):
        opt.zero_grad()
        loss = mae(model(shop[b], feats[b]), target[b])
        loss.backward()
        opt.step()
    print("epoch", epoch, "mae", loss.item())
with torch.no_grad():
    err = model(vshop, vfeats) - vtarget
r2 = 1 - err.square().mean() / vtarget.var()
print(f"final_metric={max(-1.0, r2.item()):.4f}")
