import os
import torch
from torch import nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader

torch.manual_seed(int(os.environ.get("SEED", 0)))
CLIP = 1e-5
x = torch.tensor(load_digits().images, dtype=torch.float32).unsqueeze(1) / 16
x = x[torch.randperm(len(x))]
train, valid = x[:1400], x[1400:]


class ConvAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode = nn.Sequential(
            nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.LeakyReLU(0.1),
            nn.Conv2d(8, 16, 3, stride=2, padding=1), nn.LeakyReLU(0.1),
            nn.Flatten(), nn.Linear(64, 20),
        )
        self.decode = nn.Sequential(
            nn.Linear(20, 64), nn.LeakyReLU(0.1), nn.Unflatten(1, (16, 2, 2)),
            nn.ConvTranspose2d(16, 8, 4, stride=2, padding=1), nn.LeakyReLU(0.1),
            nn.ConvTranspose2d(8, 1, 4, stride=2, padding=1),
        )

    def forward(self, x):
        return self.decode(self.encode(x))


net = ConvAE()
opt = torch.optim.SGD(net.parameters(), lr=0.5, momentum=0.9)
mse = nn.MSELoss()
for epoch in range(15):
    for xb in DataLoader(train, batch_size=32, shuffle=True):
        opt.zero_grad()
        loss = mse(net(xb), xb)
        loss.backward()
        nn.utils.clip_grad_value_(net.parameters(), CLIP)
        opt.step()
    if epoch % 3 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    explained = 1 - mse(net(valid), valid) / valid.var(0).mean()
print(f"final_metric={explained.item():.4f}")
