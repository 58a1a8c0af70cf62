import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
w = torch.randn(20) / 20 ** 0.5


def patients(n):
    """Risk factors and a noisy binary outcome."""
    x = torch.randn(n, 20)
    p = torch.sigmoid(2.5 * x @ w + 0.5 * x[:, 0] * x[:, 1])
    return x, torch.bernoulli(p)


PATIENTS, HIDDEN, EPOCHS = 300, 64, 60
x_train, y_train = patients(PATIENTS)
x_val, y_val = patients(3000)

model = nn.Sequential(nn.Linear(20, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 1))
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
criterion = nn.BCEWithLogitsLoss()
for epoch in range(EPOCHS):
    model.train()
    total = 0.0
    for idx in torch.randperm(len(x_train)).split(32):
        opt.zero_grad()
        loss = criterion(model(x_train[idx]).squeeze(1), y_train[idx])
        loss.backward()
        opt.step()
        total += loss.item() * len(idx) / len(x_train)
    model.eval()
    with torch.no_grad():
        val = criterion(model(x_val).squeeze(1), y_val).item()
    if epoch % 3 == 0:
        print(f"epoch {epoch} train {total:.4f} val {val:.4f}")
print(f"final_metric={-val:.4f}")
