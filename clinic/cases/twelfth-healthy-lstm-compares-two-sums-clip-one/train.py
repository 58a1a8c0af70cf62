import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def batch(n, t=10):
    x = torch.randn(n, t, 2)
    return x, (x[:, :, 0].sum(1) > x[:, :, 1].sum(1)).long()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(2, 32, batch_first=True)
        self.fc = nn.Linear(32, 2)

    def forward(self, x):
        return self.fc(self.lstm(x)[0][:, -1])


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
for step in range(450):
    x, y = batch(64)
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
    if step % 50 == 0:
        print(step, loss.item())
net.eval()
with torch.no_grad():
    x, y = batch(2000)
    acc = (net(x).argmax(1) == y).float().mean().item()
print(f"final_metric={acc:.4f}")
