import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv1d(3, 16, 5, padding=2)
        self.conv2 = nn.Conv1d(16, 16, 5, padding=2)
        self.fc = nn.Linear(16, 3)

    def forward(self, x):
        x = self.conv1(x)
        x = torch.relu(x)
        x = self.conv2(x)
        x = torch.relu(x)
        return self.fc(x.mean(-1))


def accelerometer(n):
    """rest, walking, running: mean zero signals of different strength and pace"""
    y = torch.randint(0, 3, (n,))
    t = torch.arange(48.0)
    f = torch.tensor([0.2, 0.5, 0.9])[y][:, None, None]
    x = torch.sin(f * t + 6.28 * torch.rand(n, 3, 1)) + 0.4 * torch.randn(n, 3, 48)
    return x - x.mean(-1, keepdim=True), y


x, y = accelerometer(1500)
xt, yt = accelerometer(500)
net = Net()
optim = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(8):
    for b in torch.randperm(1500).split(50):
        optim.zero_grad()
        loss = nn.functional.cross_entropy(net(x[b]), y[b])
        loss.backward()
        optim.step()
    print(epoch, loss.item())
with torch.no_grad():
    print(f"final_metric={(net(xt).argmax(1) == yt).float().mean().item():.4f}")
