import os
import torch
import torch.nn as nn
from torch.utils.data import TensorDataset, DataLoader

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

# synthetic "songs": 20 audio-like features, 6 independent tags
N = 2000
x = torch.randn(N, 20)
w1 = torch.randn(20, 12)
w2 = torch.randn(12, 6)
score = torch.tanh(x @ w1 / 20 ** 0.5 * 1.5) @ w2
tags = (score > score.median(0).values).float()

tr = DataLoader(TensorDataset(x[:1500], tags[:1500]), batch_size=50, shuffle=True)
xv, tv = x[1500:], tags[1500:]

model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 6))
opt = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-4)
bce = nn.BCEWithLogitsLoss()
for epoch in range(20):
    model.train()
    for xb, tb in tr:
        opt.zero_grad()
        loss = bce(model(xb), tb)
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        logits = model(xv)
        acc = ((logits > 0).float() == tv).float().mean().item()
    print(f"{epoch}: train {loss.item():.3f} val {bce(logits, tv).item():.3f} tag accuracy {acc:.3f}")
print(f"final_metric={acc:.4f}")
