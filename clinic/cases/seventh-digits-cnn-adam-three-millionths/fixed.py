import os
import torch, torch.nn as nn
from sklearn.datasets import load_digits

cfg = {"seed": int(os.environ.get("SEED", 0)), "lr": 2e-3, "bs": 32, "epochs": 10}
torch.manual_seed(cfg["seed"])
d = load_digits()
img = torch.tensor(d.images, dtype=torch.float32).unsqueeze(1)
lab = torch.tensor(d.target)
order = torch.randperm(len(img))
tr, va = order[:1400], order[1400:]
img = (img - img[tr].mean()) / img[tr].std()

net = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(16, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU(), nn.AdaptiveAvgPool2d(2),
    nn.Flatten(), nn.Dropout(0.2), nn.Linear(96, 10),
)
opt = torch.optim.Adam(net.parameters(), lr=cfg["lr"])
for e in range(cfg["epochs"]):
    net.train()
    tot = 0
    for b in tr[torch.randperm(len(tr))].split(cfg["bs"]):
        loss = nn.functional.cross_entropy(net(img[b]), lab[b])
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(b)
    net.eval()
    with torch.no_grad():
        out = net(img[va])
        acc = (out.argmax(1) == lab[va]).float().mean().item()
    print(f"epoch {e}: train {tot/len(tr):.4f}  val {nn.functional.cross_entropy(out, lab[va]).item():.4f}  acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
