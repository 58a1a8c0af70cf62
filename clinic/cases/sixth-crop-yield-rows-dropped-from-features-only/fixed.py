import os
import numpy as np
import torch
import torch.nn as nn

SEED = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(SEED)
torch.manual_seed(SEED)


def season(n):
    soil = rng.normal(size=(n, 10))
    grade = (soil[:, 0] + 0.8 * soil[:, 1] * soil[:, 2] > 0).astype(int) + 2 * (soil[:, 3] - soil[:, 4] > 0).astype(int)
    return soil, grade


# two seasons: the first for training, the second for validation
features, grades = season(4000)
features[rng.choice(4000, 60, replace=False), rng.integers(0, 10, 60)] = np.nan   # sensor outages
val_features, val_grades = season(1000)

complete = ~np.isnan(features).any(axis=1)
features = features[complete]
grades = grades[complete]

X = torch.tensor(features, dtype=torch.float32)
Y = torch.tensor(grades, dtype=torch.long)
XV = torch.tensor(val_features, dtype=torch.float32)
YV = torch.tensor(val_grades, dtype=torch.long)

model = nn.Sequential(nn.Linear(10, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 4))
opt = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
lossf = nn.CrossEntropyLoss()

for epoch in range(12):
    model.train()
    run = []
    for rows in torch.randperm(len(X)).split(64):
        loss = lossf(model(X[rows]), Y[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.append(loss.item())
    model.eval()
    with torch.no_grad():
        acc = (model(XV).argmax(1) == YV).float().mean().item()
    print(f"epoch {epoch} train {np.mean(run):.3f} val acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
