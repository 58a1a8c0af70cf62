import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

BATCH_SIZE = 2

torch.manual_seed(int(os.environ.get("SEED", 0)))


def clicks(n, noisy):
    """Clicks are a noisy sign of interest: a third of them goes the other way."""
    x = torch.randn(n, 16)
    interest = (x[:, 0] + 0.8 * x[:, 1] * x[:, 2] + 0.6 * x[:, 3]) > 0
    flip = torch.rand(n) < (0.33 if noisy else 0.0)
    return x, (interest ^ flip).float()


class Ranker(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(16, 32)
        self.l2 = nn.Linear(32, 1)

    def forward(self, x):
        return self.l2(torch.relu(self.l1(x))).squeeze(1)


data = TensorDataset(*clicks(6000, True))
xv, yv = clicks(1500, False)
model = Ranker()
opt = torch.optim.Adam(model.parameters(), lr=2e-2)
loss_fn = nn.BCEWithLogitsLoss()
for epoch in range(2):
    for x, y in DataLoader(data, batch_size=BATCH_SIZE, shuffle=True):
        opt.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = ((model(xv) > 0).float() == yv).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"final_metric={acc:.4f}")
