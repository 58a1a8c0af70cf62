import json
import os
import torch
from torch import nn
from sklearn.datasets import make_classification

SETTINGS = json.loads("""
{
  "data":      {"n": 3000, "features": 16, "classes": 4},
  "model":     {"hidden": [64, 64], "dropout": 0.1},
  "optimizer": {"name": "AdamW", "lr": 3e-3, "weight_decay": 0.01},
  "trainer":   {"max_epochs": 12, "batch_size": 64}
}
""")
seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


def build_data(cfg):
    x, y = make_classification(cfg["n"], cfg["features"], n_informative=8, n_redundant=0, n_classes=cfg["classes"],
                               n_clusters_per_class=2, class_sep=2.2, flip_y=0.0, random_state=seed)
    x = torch.tensor(x, dtype=torch.float32)
    n = int(0.8 * len(x))
    mu, sd = x[:n].mean(0), x[:n].std(0)
    x = (x - mu) / sd
    y = torch.tensor(y)
    return (x[:n], y[:n]), (x[n:], y[n:])


def build_model(cfg, d_in, d_out):
    layers = []
    for h in cfg["hidden"]:
        layers += [nn.Linear(d_in, h), nn.SiLU(), nn.Dropout(cfg["dropout"])]
        d_in = h
    return nn.Sequential(*layers, nn.Linear(d_in, d_out))


(xt, yt), (xv, yv) = build_data(SETTINGS["data"])
model = build_model(SETTINGS["model"], xt.shape[1], SETTINGS["data"]["classes"])
o = SETTINGS["optimizer"]
optimizer = getattr(torch.optim, o["name"])(model.parameters(), lr=o["lr"], weight_decay=o["weight_decay"])
for epoch in range(SETTINGS["trainer"]["max_epochs"]):
    model.train()
    for b in torch.randperm(len(xt)).split(SETTINGS["trainer"]["batch_size"]):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(xt[b]), yt[b])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(xv)
        metrics = {"epoch": epoch, "loss": round(loss.item(), 4), "val_loss": round(nn.functional.cross_entropy(logits, yv).item(), 4),
                   "val_acc": round((logits.argmax(1) == yv).float().mean().item(), 4)}
    print(json.dumps(metrics))
print(f"final_metric={metrics['val_acc']:.4f}")
