import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get('SEED', 0)))

t = torch.arange(0, 24)
n = 2400
f = 0.3 + 0.5 * torch.rand(n, 1)
wave = torch.sin(f * t + 6.28 * torch.rand(n, 1)) + 0.5 * torch.sin(2 * f * t + 6.28 * torch.rand(n, 1))
wave = (wave + 0.03 * torch.randn(n, 24)) / 0.79
x, y = wave[:, :-1, None], wave[:, -1:]
xtr, ytr, xva, yva = x[:2000], y[:2000], x[2000:], y[2000:]


class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, 32, batch_first=True)
        self.fc = nn.Linear(32, 1)

    def forward(self, x):
        return self.fc(self.lstm(x)[0][:, -1])


model = Forecaster()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
clipped = steps = 0
for epoch in range(12):
    model.train()
    for b in torch.randperm(2000).split(50):
        opt.zero_grad()
        loss = nn.functional.mse_loss(model(xtr[b]), ytr[b])
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        clipped += int(norm > 1.0)
        steps += 1
        opt.step()
    model.eval()
    with torch.no_grad():
        val = nn.functional.mse_loss(model(xva), yva).item()
    print(f'epoch {epoch} train {loss.item():.4f} val {val:.4f} clipped {clipped}/{steps}')
print(f'final_metric={1 - val / yva.var().item():.4f}')
