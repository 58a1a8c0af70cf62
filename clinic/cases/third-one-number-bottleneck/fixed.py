import os
import torch
import torch.nn as nn
torch.manual_seed(int(os.environ.get("SEED", 0)))
mixing = torch.randn(12, 48) / 12 ** .5
def frames(n): return torch.randn(n, 12) @ mixing + .05 * torch.randn(n, 48)
class Autoencoder(nn.Module):
    def __init__(self, bottleneck):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(48, 64), nn.ELU(), nn.Linear(64, bottleneck))
        self.decoder = nn.Sequential(nn.Linear(bottleneck, 64), nn.ELU(), nn.Linear(64, 48))
    def forward(self, x): return self.decoder(self.encoder(x))
net = Autoencoder(bottleneck=12)
opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.)
for it in range(900):
    x = frames(64)
    loss = (net(x) - x).pow(2).mean()
    opt.zero_grad(set_to_none=True); loss.backward(); opt.step()
    if it % 150 == 0: print("%d\t%.5f" % (it, loss.item()))
x = frames(3000)
with torch.no_grad(): print("final_metric=%.4f" % (1 - (net(x) - x).pow(2).mean() / x.var()).item())
