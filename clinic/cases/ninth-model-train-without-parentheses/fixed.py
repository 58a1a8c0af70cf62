import os
import torch
import torch.nn as nn
import torch.nn.functional as F


class DeepTable(nn.Module):
    """Raw columns; the first layer standardises them."""

    def __init__(self, n_in, width=48, n_out=3):
        super().__init__()
        self.inp = nn.BatchNorm1d(n_in)
        self.l1, self.b1 = nn.Linear(n_in, width), nn.BatchNorm1d(width)
        self.l2, self.b2 = nn.Linear(width, width), nn.BatchNorm1d(width)
        self.out = nn.Linear(width, n_out)

    def forward(self, x):
        x = self.inp(x)
        x = F.relu(self.b1(self.l1(x)))
        x = F.relu(self.b2(self.l2(x)))
        return self.out(x)


def evaluate(model, x, y):
    model.eval()
    with torch.no_grad():
        out = model(x)
    return F.cross_entropy(out, y).item(), (out.argmax(1) == y).float().mean().item()


torch.manual_seed(int(os.environ.get("SEED", 0)))
z = torch.randn(2500, 6)
score = torch.stack([torch.sin(2 * z[:, 0]) + z[:, 1], z[:, 2] * z[:, 3], z[:, 4].abs() - 0.5 - 0.3 * z[:, 5]], 1)
y = (score + 0.1 * torch.randn(2500, 3)).argmax(1)
x = z * torch.tensor([40.0, 300.0, 2.0, 15.0, 1000.0, 0.1]) + torch.tensor([500.0, 2000.0, 30.0, 0.0, 9000.0, 1.0])
x_tr, y_tr, x_va, y_va = x[:2000], y[:2000], x[2000:], y[2000:]

model = DeepTable(6)
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
print("before training: loss %.3f acc %.3f" % evaluate(model, x_va, y_va))
for epoch in range(15):
    model.train()
    for idx in torch.randperm(2000).split(50):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x_tr[idx]), y_tr[idx])
        loss.backward()
        optimizer.step()
    val_loss, acc = evaluate(model, x_va, y_va)
    print(f"epoch {epoch} loss {loss.item():.4f} val {val_loss:.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
