import os
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
stores = torch.randn(2000, 7)
turnover = 400_000 + 90_000 * (stores[:, 0] + 0.7 * torch.relu(stores[:, 1]) * stores[:, 2] - 0.5 * stores[:, 3]) + 15_000 * torch.randn(2000)
train_x, val_x = stores[:1600], stores[1600:]
train_y, val_y = turnover[:1600], turnover[1600:]
offset, unit = train_y.mean(), train_y.std()


class Forecast(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(7, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU())
        self.head = nn.Linear(24, 1)

    def forward(self, x):
        return self.head(self.body(x)).squeeze(-1)


net = Forecast()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(24):
    net.train()
    for idx in torch.randperm(1600).split(40):
        target = (train_y[idx] - offset) / unit
        loss = nn.functional.mse_loss(net(train_x[idx]), target)
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        guess = net(val_x) * unit + offset
        mae = (guess - val_y).abs().mean().item()
        r2 = 1 - (guess - val_y).square().mean().item() / val_y.var().item()
    if epoch % 4 == 3:
        print(f"epoch {epoch + 1} loss {loss.item():.4g} val MAE {mae:.0f} r2 {r2:.3f}")
print(f"final_metric={r2:.4f}")
