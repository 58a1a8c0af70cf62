import os
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


class Windows(Dataset):
    def __init__(self, series, width=20):
        self.s, self.w = series, width

    def __len__(self):
        return len(self.s) - self.w

    def __getitem__(self, i):
        return self.s[i:i + self.w, None], self.s[i + self.w]


t = torch.arange(2400) * 0.2
series = torch.sin(t) + 0.5 * torch.sin(0.37 * t + 1) + 0.08 * torch.randn(2400)
series = series / series[:1900].std()
train, test = Windows(series[:1900]), Windows(series[1900:])


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, 24, batch_first=True)
        self.lin = nn.Linear(24, 1)

    def forward(self, x):
        return self.lin(self.lstm(x)[0][:, -1])[:, 0]


m = Model()
opt = torch.optim.Adam(m.parameters(), lr=5e-3)
for ep in range(8):
    for x, y in DataLoader(train, 32, shuffle=True):
        loss = nn.functional.mse_loss(m(x), y)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(m.parameters(), 5.0)
        opt.step()
    with torch.no_grad():
        x, y = next(iter(DataLoader(test, len(test))))
        r2 = 1 - nn.functional.mse_loss(m(x), y) / y.var()
    print(ep, loss.item(), r2.item())
print(f"final_metric={r2.item():.4f}")
