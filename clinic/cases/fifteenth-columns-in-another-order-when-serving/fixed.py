"""churn model: train.py + serve.py in one file for the bug report"""
import os

import numpy as np
import torch
from torch import nn

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)
FEATURES = ["tenure", "monthly_fee", "calls", "complaints", "age", "discount", "late_payments", "data_gb"]


def read_table(n):
    t = {f: rng.normal(size=n) for f in FEATURES}
    score = -1.6 * t["tenure"] + 1.4 * t["complaints"] + t["monthly_fee"] * (t["discount"] < 0) + 0.8 * t["late_payments"] ** 2 - 0.9
    t["churn"] = (score + rng.logistic(0, 0.3, n) > 0).astype("float32")
    return t


def training_features(table):
    return torch.tensor(np.stack([table[f] for f in FEATURES], 1), dtype=torch.float32)


def serving_features(table):
    return torch.tensor(np.stack([table[c] for c in FEATURES], 1), dtype=torch.float32)


def build():
    return nn.Sequential(nn.Linear(len(FEATURES), 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))


history, today = read_table(4000), read_table(1500)
x, y = training_features(history), torch.from_numpy(history["churn"])
xs, ys = serving_features(today), torch.from_numpy(today["churn"])
model = build()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(15):
    model.train()
    for rows in torch.randperm(len(x)).split(64):
        loss = nn.functional.binary_cross_entropy_with_logits(model(x[rows]).squeeze(1), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        logit = model(xs).squeeze(1)
        live = nn.functional.binary_cross_entropy_with_logits(logit, ys)
    print(f"epoch {epoch} train {loss.item():.3f} live {live.item():.3f}")
print(f"final_metric={((logit > 0).float() == ys).float().mean().item():.4f}")
