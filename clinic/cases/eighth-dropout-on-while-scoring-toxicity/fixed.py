import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
n = 2400
descr = torch.randn(n, 24)
w = torch.randn(24) / 24 ** 0.5
tox = 1.4 * torch.tanh(1.5 * descr @ w) + 0.5 * descr[:, 0] + 0.15 * torch.randn(n)
tox = (tox - tox[:1900].mean()) / tox[:1900].std()


class ToxNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(24, 128), nn.ReLU(), nn.Dropout(0.5),
            nn.Linear(128, 128), nn.ReLU(), nn.Dropout(0.5),
            nn.Linear(128, 1),
        )

    def forward(self, x):
        return self.layers(x).squeeze(-1)


def score(net, x, y):
    net.eval()
    with torch.no_grad():
        return 1 - ((net(x) - y) ** 2).mean().item() / y.var().item()


net = ToxNet()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(18):
    net.train()
    for idx in torch.randperm(1900).split(38):
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(descr[idx]), tox[idx])
        loss.backward()
        opt.step()
    r2 = score(net, descr[1900:], tox[1900:])
    print(f"epoch {epoch} mse {loss.item():.4f} val r2 {r2:.4f}")
print(f"final_metric={r2:.4f}")
