import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import make_circles
from sklearn.model_selection import train_test_split

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
X, y = make_circles(n_samples=1500, noise=0.1, factor=0.5, random_state=SEED)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=SEED)
mean, std = X_train.mean(0), X_train.std(0)
X_train, X_test = ((torch.tensor((a - mean) / std).float()) for a in (X_train, X_test))
y_train, y_test = (torch.tensor(a).float().unsqueeze(1) for a in (y_train, y_test))

layers = [nn.Linear(2, 32), nn.ReLU()]
for _ in range(7):
    layers += [nn.Linear(32, 32), nn.ReLU()]
layers += [nn.Linear(32, 1)]
model = nn.Sequential(*layers)
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
criterion = nn.BCEWithLogitsLoss()
loader = DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True)
for epoch in range(25):
    model.train()
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        out = model(X_test)
        acc = ((out > 0).float() == y_test).float().mean().item()
        print(f"epoch {epoch + 1}: loss {loss.item():.4f} val_loss {criterion(out, y_test).item():.4f} val_acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
