import os

import torch
from sklearn.datasets import load_digits
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

digits = load_digits()
X = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16 * 2 - 0.6
y = torch.tensor(digits.target)
source, target = (y < 6).nonzero().squeeze(1), (y >= 6).nonzero().squeeze(1)
target = target[torch.randperm(len(target))]
n_val = 200
target_train, target_val = target[:-n_val], target[-n_val:]

backbone = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.Flatten(),
)


def run(head, params, rows, offset, epochs, lr):
    opt = torch.optim.Adam(params, lr=lr)
    for epoch in range(epochs):
        for b in rows[torch.randperm(len(rows))].split(48):
            loss = nn.functional.cross_entropy(head(backbone(X[b])), y[b] - offset)
            opt.zero_grad()
            loss.backward()
            opt.step()
        print(f"  epoch {epoch} loss {loss.item():.4f}")


print("pretraining on 0..5")
head6 = nn.Linear(512, 6)
run(head6, list(backbone.parameters()) + list(head6.parameters()), source, 0, epochs=5, lr=1e-3)

print("transfer to 6..9, backbone frozen")
for p in backbone.parameters():
    p.requires_grad = False
new_head = nn.Linear(512, 4)
run(new_head, new_head.parameters(), target_train, 6, epochs=12, lr=3e-3)

with torch.no_grad():
    acc = (new_head(backbone(X[target_val])).argmax(1) + 6 == y[target_val]).float().mean().item()
print(f"final_metric={acc:.4f}")
