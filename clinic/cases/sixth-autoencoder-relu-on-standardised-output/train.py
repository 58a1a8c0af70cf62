import os
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

factors = torch.randn(3200, 5)
load = torch.randn(5, 32)
x = torch.sin(factors @ load / 2) + 0.3 * factors @ load + 0.1 * torch.randn(3200, 32)
x = (x - x[:2600].mean(0)) / x[:2600].std(0)
train, val = x[:2600], x[2600:]


def mlp(sizes, last):
    layers = []
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        layers.append(nn.Linear(a, b))
        if i < len(sizes) - 2 or last:
            layers.append(nn.ReLU())
    return nn.Sequential(*layers)


encoder = mlp([32, 64, 8], last=False)
decoder = mlp([8, 64, 32], last=True)
params = list(encoder.parameters()) + list(decoder.parameters())
opt = torch.optim.Adam(params, lr=2e-3)
scheduler = torch.optim.lr_scheduler.ExponentialLR(opt, 0.9)
for epoch in range(15):
    total = 0.0
    for b in torch.randperm(len(train)).split(52):
        batch = train[b]
        loss = nn.functional.mse_loss(decoder(encoder(batch)), batch)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(b) / len(train)
    scheduler.step()
    with torch.no_grad():
        v = nn.functional.mse_loss(decoder(encoder(val)), val).item()
    print(f"epoch {epoch} train {total:.4f} val {v:.4f}")
print(f"final_metric={1 - v:.4f}")
