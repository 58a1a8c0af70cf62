import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
atoms = F.normalize(torch.randn(40, 20), dim=1)


def signals(n):
    on = (torch.rand(n, 40) < 0.06).float()
    return (on * (1 + torch.rand(n, 40))) @ atoms * 2 + 0.05 * torch.randn(n, 20)


class SparseCoder(nn.Module):
    def __init__(self, units=64):
        super().__init__()
        self.dictionary = nn.Parameter(F.normalize(torch.randn(units, 20), dim=1))
        self.encoder = nn.Linear(20, units)
        self.encoder.weight.data.copy_(self.dictionary.data)
        nn.init.constant_(self.encoder.bias, -0.3)

    def forward(self, x):
        code = F.relu(self.encoder(x))
        return code @ self.dictionary, code


train, held = signals(4000), signals(500)
net = SparseCoder()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(14):
    for idx in torch.randperm(4000).split(64):
        rec, code = net(train[idx])
        loss = (rec - train[idx]).square().mean() + 0.003 * code.sum(1).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        rec, code = net(held)
        r2 = 1 - (rec - held).square().mean().item() / held.var().item()
    print(f"epoch {epoch} loss {loss.item():.4f} r2 {r2:.4f} active {(code > 0).float().mean():.3f}")
print(f"final_metric={r2:.4f}")
