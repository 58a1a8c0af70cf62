import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
T = 70


def batch(n):
    x = torch.randn(n, T, 2) * 0.5
    y = torch.randint(0, 2, (n,))
    x[:, 0, 0] = 2.0 * y - 1.0
    x[:, 0, 1] = 2.0
    return x, y


class Recall(nn.Module):
    def __init__(self, hidden=24):
        super().__init__()
        self.rnn = nn.RNN(2, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, 2)

    def forward(self, x):
        out, _ = self.rnn(x)
        return self.fc(out[:, -1])


net = Recall()
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
for step in range(350):
    x, y = batch(32)
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
    if step % 50 == 0:
        print(step, loss.item())
with torch.no_grad():
    x, y = batch(1000)
    acc = (net(x).argmax(1) == y).float().mean().item()
print(f"final_metric={acc:.4f}")
