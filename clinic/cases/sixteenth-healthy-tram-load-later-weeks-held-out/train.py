import os
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader

torch.manual_seed(int(os.environ.get("SEED", 0)))
n = 24 * 7 * 22
h = torch.arange(n).float()
load = 2 * torch.sin(6.2832 * h / 24) + torch.sin(6.2832 * h / 168) + 0.8 * torch.cos(6.2832 * h / 12) + 0.3 * torch.randn(n)
split = 24 * 7 * 16
load = (load - load[:split].mean()) / load[:split].std()


class Windows(Dataset):
    def __init__(self, series, length=24):
        self.s, self.l = series, length

    def __len__(self):
        return len(self.s) - self.l

    def __getitem__(self, i):
        return self.s[i:i + self.l, None], self.s[i + self.l]


train_dl = DataLoader(Windows(load[:split]), batch_size=64, shuffle=True)
val_dl = DataLoader(Windows(load[split:]), batch_size=500)


class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(1, 24, batch_first=True)
        self.lin = nn.Linear(24, 1)

    def forward(self, x):
        return self.lin(self.gru(x)[0][:, -1]).squeeze(1)


model = Forecaster()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(7):
    model.train()
    for x, y in train_dl:
        opt.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
    model.eval()
    with torch.no_grad():
        mse = sum(((model(x) - y) ** 2).sum().item() for x, y in val_dl) / len(val_dl.dataset)
    print("epoch", epoch, "train", loss.item(), "val", mse)
print(f"final_metric={1 - mse:.4f}")
