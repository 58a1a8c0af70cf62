import os
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

x = torch.randn(4096, 8)
y = ((x[:, 0] * x[:, 1] > 0) ^ (x[:, 2] > 0.3)).long()
xv = torch.randn(1000, 8)
yv = ((xv[:, 0] * xv[:, 1] > 0) ^ (xv[:, 2] > 0.3)).long()

batch_size = 4096
epochs = 150
max_steps = 1500

model = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
opt = torch.optim.SGD(model.parameters(), lr=0.1)
crit = nn.CrossEntropyLoss()
steps = 0
for epoch in range(epochs):
    for idx in torch.randperm(len(x)).split(batch_size):
        loss = crit(model(x[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        steps += 1
    if epoch % 5 == 0:
        print(f"epoch {epoch} steps {steps} loss {loss.item():.4f}")
    if steps >= max_steps:
        break
with torch.no_grad():
    print("final_metric=%.4f" % (model(xv).argmax(1) == yv).float().mean().item())
