import os
import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)


# next-value forecast of a mixture of two sines
def windows(n, length=24):
    t0 = np.random.uniform(0, 50, n)
    w1 = np.random.uniform(0.3, 0.5, n)
    t = t0[:, None] + np.arange(length + 1)[None, :]
    s = np.sin(w1[:, None] * t) + 0.6 * np.sin(0.9 * t) + np.random.normal(0, 0.05, t.shape)
    s = torch.tensor(s, dtype=torch.float32)
    return s[:, :-1, None], s[:, -1]


class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(1, 24, batch_first=True)
        self.fc = nn.Linear(24, 1)

    def forward(self, x):
        _, h = self.gru(x)
        return self.fc(h[-1]).squeeze(-1)


Xtr, ytr = windows(1500)
Xva, yva = windows(400)
model = Forecaster()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
criterion = nn.MSELoss()

for epoch in range(20):
    model.train()
    perm = torch.randperm(len(Xtr))
    for i in range(0, len(Xtr), 50):
        idx = perm[i:i + 50]
        optimizer.zero_grad()
        loss = criterion(model(Xtr[idx]), ytr[idx])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        val = criterion(model(Xva), yva)
    print(f"epoch {epoch + 1} train {loss.item():.4f} val {val.item():.4f}")

nrmse = (val.sqrt() / yva.std()).item()
print(f"final_metric={-nrmse:.4f}")
