# zoo/blobs/model_17.py
import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import make_blobs
from sklearn.preprocessing import StandardScaler

SEED = int(os.environ.get("SEED", "0"))
np.random.seed(SEED)
torch.manual_seed(SEED)

CONFIG = {
    "layers": 10,
    "units": 32,
    "activation": nn.ReLU,
    "optimizer": "adam",
    "lr": 1e-3,
    "epochs": 20,
    "batch_size": 32,
}

x, y = make_blobs(n_samples=1000, centers=5, n_features=8, cluster_std=2.0, random_state=SEED)
x = StandardScaler().fit_transform(x)
x, y = torch.tensor(x, dtype=torch.float32), torch.tensor(y)
x_tr, y_tr, x_te, y_te = x[:700], y[:700], x[700:], y[700:]


def build(cfg):
    mods, d = [], x.shape[1]
    for _ in range(cfg["layers"]):
        mods += [nn.Linear(d, cfg["units"]), cfg["activation"]()]
        d = cfg["units"]
    mods.append(nn.Linear(d, 5))
    return nn.Sequential(*mods)


model = build(CONFIG)
opt = torch.optim.Adam(model.parameters(), lr=CONFIG["lr"])
loader = torch.utils.data.DataLoader(
    torch.utils.data.TensorDataset(x_tr, y_tr), batch_size=CONFIG["batch_size"], shuffle=True)

for ep in range(CONFIG["epochs"]):
    for xb, yb in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(xb), yb)
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (model(x_te).argmax(1) == y_te).float().mean().item()
    if ep % 5 == 4:
        print("epoch", ep + 1, "loss %.4f acc %.4f" % (loss.item(), acc))
print(f"final_metric={acc:.4f}")
