import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
N = 260
X = torch.randn(N + 600, 12)
y = (X[:, 0] + 0.8 * X[:, 1] - 0.6 * X[:, 2] + 0.4 * X[:, 3] * X[:, 4]).unsqueeze(1)
y = y / y.std() + 0.5 * torch.randn_like(y)
xt, yt, xv, yv = X[:N], y[:N], X[N:], y[N:]
model = nn.Sequential(nn.Linear(12, 64), nn.ReLU(), nn.Dropout(0.4), nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 1))
opt = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01)
mse = nn.MSELoss()


def validate():
    model.eval()
    with torch.no_grad():
        return mse(model(xv), yv).item()


print("before training", validate())
for epoch in range(45):
    model.train()
    for b in torch.randperm(N).split(20):
        opt.zero_grad()
        loss = mse(model(xt[b]), yt[b])
        loss.backward()
        opt.step()
    val = validate()
    if epoch % 3 == 2:
        print(f"epoch {epoch + 1} train {loss.item():.3f} val {val:.3f}")
print(f"final_metric={1 - val / yv.var().item():.4f}")
