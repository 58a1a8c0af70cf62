import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


class RandomFeatures(nn.Module):
    def __init__(self, n_in, n_feat, scale):
        super().__init__()
        self.lin = nn.Linear(n_in, n_feat)
        nn.init.normal_(self.lin.weight, std=scale)
        nn.init.uniform_(self.lin.bias, 0, 6.283)
        self.lin.requires_grad_(False)

    def forward(self, x):
        return 1.414 * torch.cos(self.lin(x))


x = torch.rand(3000, 2) * 2 - 1
y = (torch.sin(6 * x[:, 0]) * torch.sin(6 * x[:, 1]) > 0).long()
net = nn.Sequential(RandomFeatures(2, 200, 5.0), nn.Linear(200, 2))
opt = torch.optim.Adam(net[1].parameters(), lr=5e-3)
for epoch in range(15):
    s = 0.0
    for b in torch.randperm(2500).split(50):
        loss = nn.functional.cross_entropy(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        s += loss.item() / 50
    if epoch % 3 == 2:
        print("epoch", epoch + 1, "loss", round(s, 4))
with torch.no_grad():
    print(f"final_metric={(net(x[2500:]).argmax(1) == y[2500:]).float().mean().item():.4f}")
