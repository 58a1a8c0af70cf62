import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
T = 24


def strings(n):
    s = torch.randint(0, 3, (n, T))
    depth = torch.where(s == 0, 1.0, torch.where(s == 1, -1.0, 0.0)).cumsum(1)
    return s, depth[:, -1:] / 4.0


class Counter(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(3, 8)
        self.lstm = nn.LSTM(8, 32, batch_first=True)
        self.o = nn.Linear(32, 1)

    def forward(self, s):
        h, _ = self.lstm(self.e(s))
        return self.o(h[:, -1])


x, y = strings(2400)
xv, yv = strings(500)
net = Counter()
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
for epoch in range(12):
    net.train()
    for i in torch.randperm(2400).split(40):
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(x[i]), y[i])
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
    net.eval()
    with torch.no_grad():
        val = nn.functional.mse_loss(net(xv), yv).item()
    print(f"epoch {epoch} loss {loss.item():.4f} val {val:.4f}")
print(f"final_metric={1 - val / yv.var().item():.4f}")
