import os
import numpy as np
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
n_train, n_test, genes = 200, 600, 30
w = np.zeros(genes)
w[:8] = [1.0, -1.0, 0.9, -0.8, 0.8, 0.7, -0.7, 0.6]
expression = rng.normal(size=(n_train + n_test, genes)).astype(np.float32)
risk = expression @ w + 1.0 * rng.normal(size=n_train + n_test)
ill = (risk > 0).astype(np.int64)
x, y = torch.from_numpy(expression), torch.from_numpy(ill)
x_train, y_train, x_test, y_test = x[:n_train], y[:n_train], x[n_train:], y[n_train:]

model = nn.Sequential(nn.Linear(genes, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 2))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(120):
    model.train()
    for idx in torch.randperm(n_train).split(20):
        optimizer.zero_grad()
        loss = loss_fn(model(x_train[idx]), y_train[idx])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(x_test)
        test_loss = loss_fn(logits, y_test).item()
        acc = (logits.argmax(1) == y_test).float().mean().item()
    if epoch < 6 or epoch % 20 == 19:
        print(f"epoch {epoch + 1:3d} train {loss.item():.4f} test {test_loss:.4f} acc {acc:.3f}")
print(f"final_metric={-test_loss:.4f}")
