import os
import torch
import torch.nn as nn
from torch.utils.data import Dataset, DataLoader

SEED = int(os.environ.get('SEED', 0))
torch.manual_seed(SEED)


class Faces(Dataset):
    """'Directories' of expressions, read one after the other."""

    def __init__(self, per_class, means, mix):
        self.items = []
        for k in range(len(means)):
            z = means[k] + 0.9 * torch.randn(per_class, means.shape[1])
            x = torch.tanh(z @ mix) + 0.1 * torch.randn(per_class, mix.shape[1])
            self.items += [(row / 0.75, k) for row in x]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


means = 1.3 * torch.randn(7, 10)
mix = torch.randn(10, 30) / 10 ** 0.5
train_loader = DataLoader(Faces(360, means, mix), batch_size=36, shuffle=False)
val_loader = DataLoader(Faces(90, means, mix), batch_size=256)

model = nn.Sequential(nn.Linear(30, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 7))
optimizer = torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.9)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(10):
    model.train()
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
    model.eval()
    n = ok = 0
    with torch.no_grad():
        for x, y in val_loader:
            ok += (model(x).argmax(1) == y).sum().item()
            n += len(y)
    print('epoch', epoch, 'val accuracy', ok / n)
print(f'final_metric={ok / n:.4f}')
