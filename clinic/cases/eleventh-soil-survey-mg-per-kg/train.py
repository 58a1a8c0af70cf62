import os
import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)

n = 1600
ph = rng.normal(6.4, 0.7, n)
potassium = rng.lognormal(5.2, 0.5, n)        # mg/kg
phosphorus = rng.lognormal(3.4, 0.6, n)       # mg/kg
calcium = rng.normal(2400, 600, n)            # mg/kg
organic = rng.normal(0.031, 0.008, n)         # mass fraction
altitude = rng.uniform(20, 1400, n)           # m
z = lambda a: (a - a.mean()) / a.std()
score = np.stack([1.2 * z(ph) + 0.8 * z(organic), z(np.log(potassium)) - 0.7 * z(ph) * z(calcium),
                  0.9 * z(organic) * z(np.log(phosphorus)) - z(altitude)], 1)
soil_class = score.argmax(1)

X = np.stack([ph, potassium, phosphorus, calcium, organic, altitude], 1)
train, test = np.arange(n) < 1200, np.arange(n) >= 1200
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(soil_class)

model = nn.Sequential(nn.Linear(6, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 3))
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
loss_fn = nn.CrossEntropyLoss()
Xtr, ytr, Xte, yte = X[train], y[train], X[test], y[test]
for epoch in range(20):
    for b in torch.randperm(1200).split(40):
        opt.zero_grad()
        loss = loss_fn(model(Xtr[b]), ytr[b])
        loss.backward()
        opt.step()
    if epoch % 4 == 3:
        with torch.no_grad():
            acc = (model(Xte).argmax(1) == yte).float().mean().item()
        print("epoch", epoch + 1, "loss", round(loss.item(), 3), "acc", round(acc, 3))
print(f"final_metric={acc:.4f}")
