import os
import torch
import torch.nn as nn
from torch.utils.data import Dataset, DataLoader

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)

class Spots(Dataset):
    """is the bright spot above or below the diagonal of a noisy picture, and in which half"""
    def __init__(self, n):
        g = torch.Generator().manual_seed(SEED * 1000 + n)
        self.img = .3 * torch.randn(n, 1, 12, 12, generator=g)
        r = torch.randint(1, 11, (n,), generator=g); c = torch.randint(1, 11, (n,), generator=g)
        self.y = (r > c).long() + 2 * (r + c > 11).long()
        for i in range(n):
            self.img[i, 0, r[i] - 1:r[i] + 2, c[i] - 1:c[i] + 2] += 1.5
    def __len__(self): return len(self.y)
    def __getitem__(self, i): return self.img[i], self.y[i]

encoder = nn.Sequential(nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(8, 4, 3, stride=2, padding=1), nn.ReLU(), nn.Flatten())
head = nn.Linear(36, 4)
model = nn.Sequential(encoder, head)
config = {"freeze_epochs": 1, "epochs": 10, "lr": 3e-3}

def set_trainable(m, flag):
    for p in m.parameters():
        p.requires_grad = flag

set_trainable(encoder, False)
opt = torch.optim.Adam(model.parameters(), lr=config["lr"])
train_dl, val_dl = DataLoader(Spots(2500), 50, shuffle=True), DataLoader(Spots(600), 200)
ce = nn.CrossEntropyLoss()
for epoch in range(config["epochs"]):
    if epoch == config["freeze_epochs"]:
        set_trainable(encoder, True)
    model.train()
    for x, y in train_dl:
        opt.zero_grad(set_to_none=True)
        ce(model(x), y).backward()
        opt.step()
    model.eval(); right = vl = 0
    with torch.no_grad():
        for x, y in val_dl:
            o = model(x); vl += ce(o, y).item() / 3
            right += (o.argmax(1) == y).sum().item()
    print({"epoch": epoch, "val_loss": round(vl, 4), "val_acc": right / 600})
print(f"final_metric={right / 600:.4f}")
