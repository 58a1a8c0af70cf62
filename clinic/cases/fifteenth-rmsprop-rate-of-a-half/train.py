import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


def home(n):
    x = torch.randn(n, 9)
    occupied = (x[:, 0] + x[:, 1].abs() - 0.8 + 0.2 * torch.randn(n) > 0).float()
    power = 0.6 * occupied + 0.5 * torch.relu(x[:, 2]) - 0.3 * x[:, 3] + 0.1 * torch.randn(n)
    return x, occupied, (power - 0.5) / 0.6


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(9, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU())
        self.heads = nn.ModuleDict({"occ": nn.Linear(48, 1), "power": nn.Linear(48, 1)})

    def forward(self, x):
        h = self.trunk(x)
        return {k: head(h).squeeze(1) for k, head in self.heads.items()}


config = {"lr": 0.5, "batch_size": 50, "epochs": 12}
loader = DataLoader(TensorDataset(*home(4000)), batch_size=config["batch_size"], shuffle=True)
xt, occ_t, pow_t = home(1500)
net = TwoHeads()
opt = torch.optim.RMSprop(net.parameters(), lr=config["lr"])
for epoch in range(config["epochs"]):
    for x, occ, power in loader:
        out = net(x)
        loss = nn.functional.binary_cross_entropy_with_logits(out["occ"], occ) + nn.functional.mse_loss(out["power"], power)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        out = net(xt)
        acc = ((out["occ"] > 0).float() == occ_t).float().mean().item()
        r2 = 1 - (out["power"] - pow_t).pow(2).mean().item() / pow_t.var().item()
    print(f"epoch {epoch} loss {loss.item():.4f} acc {acc:.4f} r2 {r2:.4f}")
print(f"final_metric={acc + max(r2, -1):.4f}")
