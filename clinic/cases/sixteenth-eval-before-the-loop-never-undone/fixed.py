import os
import torch
from torch import nn
from torch.utils.data import TensorDataset, DataLoader

torch.manual_seed(int(os.environ.get("SEED", 0)))
W = torch.randn(24) / 24 ** 0.5


def draw(n):
    # small noisy table, hence the dropout
    x = torch.randn(n, 24)
    return x, (1.5 * x @ W + 0.5 * x[:, 0] * x[:, 1] + 0.7 * torch.randn(n) > 0).long()


train_ds, val_ds = TensorDataset(*draw(800)), TensorDataset(*draw(1500))


class Net(nn.Module):
    def __init__(self, h=96):
        super().__init__()
        self.seq = nn.Sequential(
            nn.Linear(24, h), nn.ReLU(), nn.Dropout(0.6),
            nn.Linear(h, h), nn.ReLU(), nn.Dropout(0.6),
            nn.Linear(h, 2))

    def forward(self, x):
        return self.seq(x)


def score(model):
    model.eval()
    with torch.no_grad():
        x, y = val_ds.tensors
        out = model(x)
        return nn.functional.cross_entropy(out, y).item(), (out.argmax(1) == y).float().mean().item()


model = Net()
print("before training:", score(model))
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(24):
    model.train()
    for x, y in DataLoader(train_ds, batch_size=32, shuffle=True):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        opt.step()
    if epoch % 4 == 3:
        print(epoch, loss.item(), score(model))
print(f"final_metric={-score(model)[0]:.4f}")
