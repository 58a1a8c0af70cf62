import argparse
import os
import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--delay", type=int, default=45)
parser.add_argument("--hidden", type=int, default=24)
parser.add_argument("--steps", type=int, default=350)
args = parser.parse_args()
torch.manual_seed(int(os.environ.get("SEED", 0)))


def recall_task(n):
    """A cue value at the start, then distractors; the target is the cue."""
    x = torch.randn(n, args.delay, 2) * 0.5
    cue = torch.rand(n) * 2 - 1
    x[:, :, 1] = 0
    x[:, 0, 0] = cue
    x[:, 0, 1] = 1
    return x, cue


class Memory(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.cell = nn.RNN(2, hidden, batch_first=True)
        self.read = nn.Linear(hidden, 1)

    def forward(self, x):
        out, _ = self.cell(x)
        return self.read(out[:, -1]).squeeze(1)


net = Memory(args.hidden)
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for step in range(args.steps):
    x, y = recall_task(32)
    opt.zero_grad()
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
    if step % 50 == 0:
        print(step, loss.item())
with torch.no_grad():
    x, y = recall_task(1000)
    r2 = 1 - (nn.functional.mse_loss(net(x), y) / y.var()).item()
print(f"final_metric={r2:.4f}")
