import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

d = load_digits()
X = (torch.tensor(d.data, dtype=torch.float32) - 4.9) / 6
y = torch.tensor(d.target)
perm = torch.randperm(len(X))
tr, va = perm[:1300], perm[1300:]

model = nn.Sequential(
    nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.6),
    nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.6),
    nn.Linear(64, 10),
)
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
loss_fn = nn.CrossEntropyLoss()


def train_epoch():
    model.train()
    for b in tr[torch.randperm(len(tr))].split(50):
        opt.zero_grad()
        loss = loss_fn(model(X[b]), y[b])
        loss.backward()
        opt.step()


def validate():
    with torch.no_grad():
        out = model(X[va])
        return loss_fn(out, y[va]).item(), (out.argmax(1) == y[va]).float().mean().item()


for epoch in range(20):
    train_epoch()
    vl, acc = validate()
    print(f"epoch {epoch} val_loss {vl:.3f} val_acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
