import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
T, H = 40, 32


def batch(n):
    x = torch.rand(n, T, 2) - 0.5
    y = (x[:, :, 0] + 0.5 * x[:, :, 1]).sum(1, keepdim=True)
    return x, y / 2.04


class Counter(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(2, H, nonlinearity="relu", batch_first=True)
        self.head = nn.Linear(H, 1)
        with torch.no_grad():
            self.rnn.weight_hh_l0.copy_(0.98 * torch.eye(H))
            self.rnn.bias_hh_l0.zero_()
            self.rnn.bias_ih_l0.zero_()

    def forward(self, x):
        out, _ = self.rnn(x)
        return self.head(out[:, -1])


model = Counter()
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for step in range(400):
    x, y = batch(48)
    loss = nn.functional.mse_loss(model(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 50 == 0:
        print(step, loss.item())
with torch.no_grad():
    x, y = batch(1000)
    r2 = 1 - ((model(x) - y) ** 2).mean() / y.var()
print(f"final_metric={max(r2.item(), -1.0) if r2 == r2 else -1.0:.4f}")
