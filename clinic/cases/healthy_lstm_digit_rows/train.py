import os

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

digits = load_digits()
imgs = torch.tensor(digits.images / 8.0 - 1.0, dtype=torch.float32)  # 8 steps of 8 pixels
labels = torch.tensor(digits.target)
tr, va = train_test_split(torch.arange(len(imgs)).numpy(), test_size=0.2, random_state=seed)
tr, va = torch.tensor(tr), torch.tensor(va)


class RowLSTM(nn.Module):
    def __init__(self, hidden=64):
        super().__init__()
        self.lstm = nn.LSTM(8, hidden, batch_first=True)
        self.head = nn.Linear(hidden, 10)

    def forward(self, x):
        out, (h, c) = self.lstm(x)
        return self.head(h[-1])


model = RowLSTM()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(18):
    model.train()
    for idx in tr[torch.randperm(len(tr))].split(64):
        loss = nn.functional.cross_entropy(model(imgs[idx]), labels[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        acc = (model(imgs[va]).argmax(1) == labels[va]).float().mean().item()
    print(f"epoch {epoch:2d} loss {loss.item():.3f} val acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
