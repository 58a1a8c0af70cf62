import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
BATCH_SIZE = 64
STEPS = 1500

# click prediction: strong irreducible noise
beta = torch.randn(20)
beta = 2.0 * beta / beta.norm()


def impressions(n):
    x = torch.randn(n, 20)
    p = torch.sigmoid(x @ beta + 0.8 * x[:, 0] * x[:, 1])
    return x, torch.bernoulli(p), p


x_train, click, _ = impressions(8000)
x_val, click_val, p_val = impressions(2000)

model = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(model.parameters(), lr=4e-3)

for step in range(1, STEPS + 1):
    rows = torch.randint(0, len(x_train), (BATCH_SIZE,))
    logit = model(x_train[rows]).squeeze(1)
    loss = F.binary_cross_entropy_with_logits(logit, click[rows])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 150 == 0:
        with torch.no_grad():
            p = torch.sigmoid(model(x_val).squeeze(1))
            ll = F.binary_cross_entropy(p, click_val).item()
            r2 = 1 - ((p - p_val) ** 2).mean().item() / p_val.var().item()
        print(f"step {step} train {loss.item():.3f} val logloss {ll:.3f} fit of the click rate {r2:.3f}")
print(f"final_metric={r2:.4f}")
