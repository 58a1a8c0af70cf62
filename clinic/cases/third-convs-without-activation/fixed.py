import os, torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(int(os.environ.get("SEED", 0)))
def textures(n):
    "is the stripe energy horizontal or vertical (random sign, random phase)?"
    y = torch.randint(0, 2, (n,))
    t = torch.arange(12).float()
    ph = torch.rand(n, 1) * 6.28
    w = torch.sin(1.6 * t + ph)
    img = torch.where(y[:, None, None] == 0, w[:, :, None].expand(n, 12, 12), w[:, None, :].expand(n, 12, 12))
    return (img + .7 * torch.randn(n, 12, 12))[:, None], y
class TextureNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 5)
        self.conv2 = nn.Conv2d(8, 8, 3)
        self.fc = nn.Linear(8, 2)
    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        x = F.adaptive_avg_pool2d(x, 1).flatten(1)
        return self.fc(x)
net, it = TextureNet(), 0
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
while it < 350:
    x, y = textures(64)
    opt.zero_grad(); loss = F.cross_entropy(net(x), y); loss.backward(); opt.step()
    it += 1
    if it % 50 == 0: print(it, loss.item())
x, y = textures(2000)
with torch.no_grad(): print("final_metric=%.4f" % (net(x).argmax(1) == y).float().mean().item())
