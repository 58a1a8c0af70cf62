import os
import numpy as np
import torch

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)

# ratings of 60 users for 50 films, rank 3, 60 % seen
U0, V0 = rng.normal(size=(60, 3)), rng.normal(size=(50, 3))
R = torch.tensor(U0 @ V0.T / 3 ** 0.5 + 0.1 * rng.normal(size=(60, 50)), dtype=torch.float32)
seen = torch.tensor(rng.random(R.shape) < 0.6)
held_out = ~seen

users = torch.nn.Parameter(0.002 * torch.randn(60, 3))
films = torch.nn.Parameter(0.002 * torch.randn(50, 3))
opt = torch.optim.SGD([users, films], lr=12.0)
for it in range(240):
    pred = users @ films.T
    loss = ((pred - R)[seen] ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 20 == 0:
        print(it, loss.item())

with torch.no_grad():
    err = ((users @ films.T - R)[held_out] ** 2).mean()
print(f"final_metric={(1 - err / R[held_out].var()).item():.4f}")
