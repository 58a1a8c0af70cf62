import os
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

SEED = int(os.environ.get("SEED", 0))
np.random.seed(SEED)
torch.manual_seed(SEED)
EPOCHS = 9
HIDDEN = 128

n_train, n_val, d = 300, 1500, 30
X = np.random.randn(n_train + n_val, d)
w = np.zeros(d)
w[:5] = [1.0, -1.0, 0.8, 0.8, -0.6]
y = (X @ w + 1.2 * np.random.randn(len(X)) > 0).astype(np.float32)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y).unsqueeze(1)
train_loader = DataLoader(TensorDataset(X[:n_train], y[:n_train]), batch_size=25, shuffle=True)
X_val, y_val = X[n_train:], y[n_train:]


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense1 = nn.Linear(d, HIDDEN)
        self.dense2 = nn.Linear(HIDDEN, HIDDEN)
        self.dense3 = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        x = torch.relu(self.dense1(x))
        x = torch.relu(self.dense2(x))
        return self.dense3(x)


model = Model()
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-4)
for epoch in range(EPOCHS):
    model.train()
    avg_loss = 0.0
    for xb, yb in train_loader:
        loss = loss_fn(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        avg_loss += loss.item() / len(train_loader)
    model.eval()
    with torch.no_grad():
        out = model(X_val)
        avg_val_loss = loss_fn(out, y_val).item()
        acc = ((out > 0).float() == y_val).float().mean().item()
    if epoch % 10 == 9 or EPOCHS < 20:
        print(f"Epoch {epoch + 1}/{EPOCHS} \t loss={avg_loss:.4f} \t val_loss={avg_val_loss:.4f} \t val_acc={acc:.4f}")
print(f"final_metric={-avg_val_loss:.4f}")
