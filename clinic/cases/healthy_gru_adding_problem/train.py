import os
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
T = 16


def make_batch(n):
    v = torch.rand(n, T)
    m = torch.zeros(n, T)
    a = torch.randint(0, T // 2, (n,))
    b = torch.randint(T // 2, T, (n,))
    m[torch.arange(n), a] = 1
    m[torch.arange(n), b] = 1
    target = (v * m).sum(1, keepdim=True)
    return torch.stack([v, m], -1), target


class Adder(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(2, 48, batch_first=True)
        self.out = nn.Linear(48, 1)

    def forward(self, x):
        h, _ = self.rnn(x)
        return self.out(h[:, -1])


net = Adder()
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
sched = torch.optim.lr_scheduler.StepLR(opt, 250, gamma=0.4)
x_val, y_val = make_batch(500)
for step in range(600):
    x, y = make_batch(64)
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 5.0)
    opt.step()
    sched.step()
    if step % 100 == 0:
        print(step, loss.item())

net.eval()
with torch.no_grad():
    mse = nn.functional.mse_loss(net(x_val), y_val)
print(f"final_metric={1 - (mse / y_val.var()).item():.4f}")
