import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def crop_trial(n):
    x = torch.randn(n, 40)
    y = 0.9 * x[:, 0] - 0.7 * x[:, 1] + 0.5 * x[:, 2] + 1.0 * torch.randn(n)
    return x, (y / 1.6)[:, None]


ROWS, EPOCHS = 4000, 4
x_train, y_train = crop_trial(ROWS)
x_val, y_val = crop_trial(800)
HIDDEN = 96
net = nn.Sequential(nn.Linear(40, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 1))
opt = torch.optim.AdamW(net.parameters(), lr=1e-3)
mse = nn.MSELoss()
for epoch in range(EPOCHS):
    net.train()
    for b in torch.randperm(ROWS).split(40):
        opt.zero_grad()
        loss = mse(net(x_train[b]), y_train[b])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        val = mse(net(x_val), y_val).item()
    if epoch % 5 == 0:
        print(f"epoch {epoch}: train {loss.item():.4f} val {val:.4f}")
print(f"final_metric={1 - val / y_val.var().item():.4f}")
