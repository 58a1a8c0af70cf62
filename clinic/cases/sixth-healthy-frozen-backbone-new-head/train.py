import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
X, y = load_digits(return_X_y=True)
X = torch.tensor(X, dtype=torch.float32).view(-1, 1, 8, 8)
y = torch.tensor(y)
tr, va = train_test_split(torch.arange(len(y)), test_size=0.3, random_state=SEED, stratify=y)
X = (X - X[tr].mean()) / X[tr].std()

backbone = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())


def fit(model, params, targets, epochs, lr):
    opt = torch.optim.Adam(params, lr=lr)
    for epoch in range(epochs):
        model.train()
        for b in tr[torch.randperm(len(tr))].split(32):
            opt.zero_grad()
            loss = F.cross_entropy(model(X[b]), targets[b])
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            acc = (model(X[va]).argmax(1) == targets[va]).float().mean().item()
        print(f"epoch {epoch} loss {loss.item():.4f} val {acc:.4f}")
    return acc


digits = nn.Sequential(backbone, nn.Linear(128, 10))
print("pre-training: which digit?")
fit(digits, digits.parameters(), y, 6, 2e-3)

for p in backbone.parameters():
    p.requires_grad = False
loops = torch.tensor([1, 0, 0, 0, 0, 0, 1, 0, 2, 1])[y]
head = nn.Linear(128, 3)
print("new head: how many loops?")
score = fit(nn.Sequential(backbone, head), head.parameters(), loops, 10, 5e-3)
print(f"final_metric={score:.4f}")
