import os
import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
genes = rng.normal(size=(4400, 40)).astype("float32")
path = np.random.default_rng(5).normal(size=(40, 6)).astype("float32") / 6
response = np.tanh(genes @ path) @ np.array([1, -1, 0.8, -0.6, 1.2, 0.5], "float32") + 0.15 * rng.normal(size=4400)
response = (response - response[:4000].mean()) / response[:4000].std()
x, y = torch.from_numpy(genes), torch.tensor(response, dtype=torch.float32).view(-1, 1)


def mlp(widths):
    layers = []
    for a, b in zip(widths, widths[1:]):
        layers += [nn.Linear(a, b), nn.ReLU()]
    net = nn.Sequential(*layers[:-1])
    for p in net.parameters():
        if p.dim() > 1:
            nn.init.normal_(p, mean=0.0, std=1.0)
        else:
            nn.init.zeros_(p)
    return net


net = mlp([40, 64, 64, 64, 64, 1])
opt = torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-4)
for epoch in range(6):
    for idx in torch.randperm(4000).split(40):
        loss = nn.functional.mse_loss(net(x[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        val = nn.functional.mse_loss(net(x[4000:]), y[4000:]).item()
    print(f"epoch {epoch}: loss {loss.item():.4f} val mse {val:.4f}")
print(f"final_metric={max(-99.0, 1 - val / y[4000:].var().item()):.4f}")
