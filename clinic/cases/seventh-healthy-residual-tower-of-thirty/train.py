import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X = torch.randn(3600, 8)
y = torch.sin(1.5 * X[:, 0]) + X[:, 1] * X[:, 2] * 0.6 + 0.4 * X[:, 3] - 0.3 * X[:, 4].abs()
y = ((y - y[:3000].mean()) / y[:3000].std() + 0.1 * torch.randn(3600)).unsqueeze(1)


class Res(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.norm, self.fc1, self.fc2 = nn.LayerNorm(d), nn.Linear(d, d), nn.Linear(d, d)

    def forward(self, h):
        return h + 0.3 * self.fc2(torch.relu(self.fc1(self.norm(h))))


net = nn.Sequential(nn.Linear(8, 32), *[Res(32) for _ in range(15)], nn.LayerNorm(32), nn.Linear(32, 1))
opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.05)
for epoch in range(10):
    for i in torch.randperm(3000).split(50):
        loss = nn.functional.mse_loss(net(X[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        val = nn.functional.mse_loss(net(X[3000:]), y[3000:]).item()
    print(f"epoch {epoch} train {loss.item():.4f} val {val:.4f}")
print(f"final_metric={1 - val / y[3000:].var().item():.4f}")
