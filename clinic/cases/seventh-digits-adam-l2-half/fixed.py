import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
bunch = load_digits()
Xa, Xb, ya, yb = train_test_split(bunch.data / 16, bunch.target, test_size=0.3, random_state=seed)
mean = Xa.mean()
std = Xa.std()
Xa, Xb, ya, yb = torch.tensor((Xa - mean) / std).float(), torch.tensor((Xb - mean) / std).float(), torch.tensor(ya), torch.tensor(yb)
hp = {"lr": 2e-3, "weight_decay": 1e-3, "hidden": 48}
model = nn.Sequential(nn.Linear(64, hp["hidden"]), nn.ReLU(), nn.Linear(hp["hidden"], 10))
optimizer = torch.optim.Adam(model.parameters(), lr=hp["lr"], weight_decay=hp["weight_decay"])
for epoch in range(15):
    total, right = 0.0, 0
    for i in torch.randperm(len(Xa)).split(32):
        optimizer.zero_grad()
        out = model(Xa[i])
        loss = nn.functional.cross_entropy(out, ya[i])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(i)
        right += (out.argmax(1) == ya[i]).sum().item()
    with torch.no_grad():
        out = model(Xb)
        acc = (out.argmax(1) == yb).float().mean().item()
    print(f"epoch {epoch}: loss {total / len(Xa):.4f} acc {right / len(Xa):.4f} | val loss {nn.functional.cross_entropy(out, yb).item():.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
