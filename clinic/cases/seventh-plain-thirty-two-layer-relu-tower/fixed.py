import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
DEPTH, WIDTH = 32, 40
X = torch.randn(4000, 6)
y = (torch.sin(2 * X[:, 0]) + torch.cos(2 * X[:, 1]) * X[:, 2] + 0.5 * X[:, 3] * X[:, 4])
y = ((y - y.mean()) / y.std()).unsqueeze(1)


class Layer(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.fc = nn.Linear(width, width)
        nn.init.kaiming_normal_(self.fc.weight, nonlinearity="relu")

    def forward(self, h):
        return h + 0.3 * torch.relu(self.norm(self.fc(h)))


net = nn.Sequential(nn.Linear(6, WIDTH), *[Layer(WIDTH) for _ in range(DEPTH)], nn.Linear(WIDTH, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(10):
    tr = 0.0
    for i in torch.randperm(3200).split(64):
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(X[i]), y[i])
        loss.backward()
        opt.step()
        tr += loss.item() / 50
    with torch.no_grad():
        val = nn.functional.mse_loss(net(X[3200:]), y[3200:]).item()
    print(f"epoch {epoch} train {tr:.4f} val {val:.4f}")
print(f"final_metric={1 - val / y[3200:].var().item():.4f}")
