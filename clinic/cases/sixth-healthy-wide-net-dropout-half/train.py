import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
X, y = load_digits(return_X_y=True)
Xa, Xb, ya, yb = train_test_split(X / 16.0, y, test_size=0.3, random_state=SEED, stratify=y)
mean, std = Xa.mean(), Xa.std()
Xa, Xb = (torch.tensor((a - mean) / std, dtype=torch.float32) for a in (Xa, Xb))
ya, yb = torch.tensor(ya), torch.tensor(yb)

model = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Dropout(0.5),
                      nn.Linear(256, 256), nn.ReLU(), nn.Dropout(0.5), nn.Linear(256, 10))
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(15):
    model.train()
    running = []
    for xb, tb in DataLoader(TensorDataset(Xa, ya), batch_size=32, shuffle=True):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(xb), tb)
        loss.backward()
        opt.step()
        running.append(loss.item())
    model.eval()
    with torch.no_grad():
        out = model(Xb)
    acc = (out.argmax(1) == yb).float().mean().item()
    print(epoch, sum(running) / len(running), nn.functional.cross_entropy(out, yb).item(), acc)
print(f"final_metric={acc:.4f}")
