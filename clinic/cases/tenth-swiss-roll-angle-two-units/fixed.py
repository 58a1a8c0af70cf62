import os
import torch
import torch.nn as nn
from sklearn.datasets import make_swiss_roll
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

X, t = make_swiss_roll(n_samples=2500, noise=0.2, random_state=seed)
X = torch.tensor(X, dtype=torch.float32)
t = torch.tensor(t, dtype=torch.float32).view(-1, 1)
X = (X - X[:2000].mean(0)) / X[:2000].std(0)
t = (t - t[:2000].mean()) / t[:2000].std()

train_loader = DataLoader(TensorDataset(X[:2000], t[:2000]), batch_size=50, shuffle=True)
X_test, t_test = X[2000:], t[2000:]

HIDDEN_SIZE = 64

model = nn.Sequential(
    nn.Linear(3, HIDDEN_SIZE),
    nn.Tanh(),
    nn.Linear(HIDDEN_SIZE, HIDDEN_SIZE),
    nn.Tanh(),
    nn.Linear(HIDDEN_SIZE, 1),
)
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)

for epoch in range(30):
    epoch_loss = 0.0
    for xb, tb in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), tb)
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item()
    if (epoch + 1) % 3 == 0:
        with torch.no_grad():
            test_loss = criterion(model(X_test), t_test).item()
        print(f"Epoch [{epoch + 1}/30], Loss: {epoch_loss / len(train_loader):.4f}, Test: {test_loss:.4f}")
print(f"final_metric={1 - test_loss / t_test.var().item():.4f}")
