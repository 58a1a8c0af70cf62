import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset, random_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
d = load_digits()
full = TensorDataset((torch.tensor(d.data).float() - 4.88) / 6.02, torch.tensor(d.target))
tr, va = random_split(full, [1437, 360], generator=torch.Generator().manual_seed(seed))
tl, vl = DataLoader(tr, batch_size=64, shuffle=True), DataLoader(va, batch_size=360)

net = nn.Sequential(
    nn.Dropout(0.2), nn.Linear(64, 256), nn.ReLU(),
    nn.Dropout(0.5), nn.Linear(256, 128), nn.ReLU(),
    nn.Dropout(0.5), nn.Linear(128, 10))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
ce = nn.CrossEntropyLoss()


def run(loader, train):
    net.train(train)
    loss_sum = hits = n = 0
    with torch.set_grad_enabled(train):
        for x, y in loader:
            out = net(x)
            loss = ce(out, y)
            if train:
                opt.zero_grad()
                loss.backward()
                opt.step()
            loss_sum += loss.item() * len(y)
            hits += (out.argmax(1) == y).sum().item()
            n += len(y)
    return loss_sum / n, hits / n


for epoch in range(18):
    t = run(tl, True)
    v = run(vl, False)
    print(f"{epoch:2d} train {t[0]:.3f}/{t[1]:.3f} val {v[0]:.3f}/{v[1]:.3f}")
print(f"final_metric={v[1]:.4f}")
