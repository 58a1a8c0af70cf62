import os
import torch
import torch.nn as nn
import torch.nn.functional as F

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


class Regressor(nn.Module):
    def __init__(self, n_in, hidden, n_layers):
        super().__init__()
        self.first = nn.Linear(n_in, 8)
        self.hidden = nn.ModuleList()
        for i in range(n_layers):
            self.hidden.append(nn.Linear(8 if i == 0 else hidden, hidden))
        self.last = nn.Linear(hidden, 1)

    def forward(self, x):
        x = torch.tanh(self.first(x))
        for h in self.hidden:
            x = F.elu(h(x))
        return self.last(x)


def target(x):
    return torch.sin(3 * x[:, :1] + x[:, 1:2]) * torch.cos(2 * x[:, 2:3]) + 0.5 * x[:, 3:4]


x = torch.rand(2500, 4) * 2 - 1
y = target(x) + 0.03 * torch.randn(2500, 1)
y = (y - y.mean()) / y.std()
xt, yt, xv, yv = x[:2000], y[:2000], x[2000:], y[2000:]

model = Regressor(4, 20, 3)
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)

for epoch in range(40):
    model.train()
    order = torch.randperm(2000)
    epoch_loss = 0.0
    for i in range(20):
        b = order[100 * i:100 * (i + 1)]
        optimizer.zero_grad()
        loss = F.mse_loss(model(xt[b]), yt[b])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        optimizer.step()
        epoch_loss += loss.item() / 20
    if epoch % 8 == 7:
        model.eval()
        with torch.no_grad():
            vloss = F.mse_loss(model(xv), yv).item()
        print("epoch", epoch, "train", round(epoch_loss, 4), "val", round(vloss, 4))

r2 = 1 - vloss / yv.var(unbiased=False).item()
print(f"final_metric={r2:.4f}")
