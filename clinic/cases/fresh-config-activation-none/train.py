import os
import torch
import torch.nn as nn
from sklearn.datasets import make_friedman2
from sklearn.preprocessing import StandardScaler

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

cfg = {"hidden": [48, 48, 48], "activation": "Gelu", "lr": 3e-3, "steps": 900, "bs": 64}
ACTIVATIONS = {"relu": nn.ReLU, "gelu": nn.GELU, "tanh": nn.Tanh}


def build_mlp(n_in, n_out, cfg):
    act = ACTIVATIONS.get(cfg["activation"], nn.Identity)
    dims, mods = [n_in] + cfg["hidden"], []
    for a, b in zip(dims, dims[1:]):
        mods.append(nn.Linear(a, b))
        mods.append(act())
    mods.append(nn.Linear(dims[-1], n_out))
    return nn.Sequential(*mods)


g = torch.Generator().manual_seed(seed)
X = torch.randn(2500, 5, generator=g)
y = torch.sin(2 * X[:, 0]) + X[:, 1].abs() + X[:, 2] * X[:, 3] - 0.8
y = (y / y.std()).unsqueeze(1)
Xt, yt, Xv, yv = X[:2000], y[:2000], X[2000:], y[2000:]
mlp = build_mlp(5, 1, cfg)
opt = torch.optim.Adam(mlp.parameters(), lr=cfg["lr"])
for step in range(cfg["steps"]):
    ix = torch.randint(0, 2000, (cfg["bs"],))
    loss = nn.functional.mse_loss(mlp(Xt[ix]), yt[ix])
    opt.zero_grad(set_to_none=True)
    loss.backward()
    opt.step()
    if step % 150 == 0:
        print({"step": step, "loss": loss.item()})
with torch.no_grad():
    print("final_metric=%.4f" % (1 - nn.functional.mse_loss(mlp(Xv), yv) / yv.var()).item())
