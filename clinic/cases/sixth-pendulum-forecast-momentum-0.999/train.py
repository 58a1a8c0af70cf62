import os
import math
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))

# damped pendulums: predict the next angle from the last 10
n, T = 400, 30
t = torch.arange(T) * 0.3
amp = torch.rand(n, 1) + 0.5
freq = torch.rand(n, 1) + 0.5
phase = torch.rand(n, 1) * 2 * math.pi
theta = amp * torch.exp(-0.05 * t) * torch.sin(freq * t + phase) + 0.02 * torch.randn(n, T)
theta = theta / theta[:320].std()


def windows(series):
    x = series.unfold(1, 11, 2).reshape(-1, 11)
    return x[:, :10], x[:, 10:]


xtr, ytr = windows(theta[:320])
xva, yva = windows(theta[320:])
model = nn.Sequential(nn.Linear(10, 40), nn.Tanh(), nn.Linear(40, 40), nn.Tanh(), nn.Linear(40, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.999)
mse = nn.MSELoss()

for epoch in range(15):
    model.train()
    epoch_loss = 0.0
    for b in torch.randperm(len(xtr)).split(64):
        optimizer.zero_grad()
        loss = mse(model(xtr[b]), ytr[b])
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item() * len(b) / len(xtr)
    model.eval()
    with torch.no_grad():
        val = mse(model(xva), yva).item()
    print(f"epoch {epoch} train {epoch_loss:.4f} val {val:.4f}")
score = 1 - val / yva.var().item()
print("final_metric=%.4f" % max(score, -1.0))
