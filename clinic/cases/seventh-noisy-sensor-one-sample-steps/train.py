import os
import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
gen = np.random.default_rng(seed)
BATCH = 1
STEPS = 1500

raw = gen.normal(size=(20000, 6))
clean = 0.6 * raw[:, 0] - 0.5 * np.tanh(raw[:, 1] * 2) + 0.4 * raw[:, 2] * raw[:, 3]
signal = clean + 2.5 * gen.normal(size=20000)
X = torch.tensor(raw, dtype=torch.float32)
Y = torch.tensor(signal, dtype=torch.float32).unsqueeze(1)
truth = torch.tensor(clean, dtype=torch.float32).unsqueeze(1)
model = nn.Sequential(nn.Linear(6, 24), nn.Tanh(), nn.Linear(24, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.02)
order = torch.randperm(18000)
pos = 0
for step in range(1, STEPS + 1):
    if pos + BATCH > len(order):
        order, pos = torch.randperm(18000), 0
    idx = order[pos:pos + BATCH]
    pos += BATCH
    opt.zero_grad()
    loss = (model(X[idx]) - Y[idx]).pow(2).mean()
    loss.backward()
    opt.step()
    if step % 100 == 0:
        with torch.no_grad():
            val = (model(X[18000:]) - Y[18000:]).pow(2).mean().item()
            r2 = 1 - (model(X[18000:]) - truth[18000:]).pow(2).mean().item() / truth[18000:].var().item()
        print(f"step {step} train {loss.item():.3f} val {val:.3f}")
print(f"final_metric={r2:.4f}")
