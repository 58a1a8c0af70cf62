import os
import torch
import torch.nn as nn

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
x = torch.randn(3000, 10)
y = torch.sin(x[:, 0] * 1.5) + x[:, 1] * x[:, 2] * 0.5 + 0.3 * x[:, 3] ** 2 - 0.5 * x[:, 4]
y = ((y - y[:2400].mean()) / y[:2400].std()).unsqueeze(1) + 0.1 * torch.randn(3000, 1)
train, val = (x[:2400], y[:2400]), (x[2400:], y[2400:])


def weights_init(m):
    if isinstance(m, nn.Linear):
        nn.init.kaiming_normal_(m.weight, nonlinearity="relu")
        nn.init.zeros_(m.bias)


model = nn.Sequential()
dims = [10, 64, 64, 64, 64]
for n, (i, o) in enumerate(zip(dims, dims[1:])):
    model.add_module(f"fc{n}", nn.Linear(i, o))
    model.add_module(f"act{n}", nn.ReLU())
model.add_module("out", nn.Linear(64, 1))
model.apply(weights_init)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(12):
    for idx in torch.randperm(2400).split(48):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(train[0][idx]), train[1][idx])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        r2 = 1 - nn.functional.mse_loss(model(val[0]), val[1]).item() / val[1].var().item()
    print(f"epoch {epoch} loss {loss.item():.4g} val R2 {r2:.4g}")
print(f"final_metric={r2:.4f}")
