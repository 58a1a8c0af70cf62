import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_digits(return_X_y=True)
X = (X - X.mean()) / X.std()
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=seed)
train_loader = DataLoader(TensorDataset(torch.tensor(X_train).float(), torch.tensor(y_train)), batch_size=64, shuffle=True)
X_test, y_test = torch.tensor(X_test).float(), torch.tensor(y_test)


class Block(nn.Module):
    def __init__(self, width, residual):
        super().__init__()
        self.fc = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width)
        self.residual = residual

    def forward(self, x):
        out = F.relu(self.norm(self.fc(x)))
        return x + out if self.residual else out


class DeepNet(nn.Module):
    def __init__(self, n_blocks=30, width=48, residual=False):
        super().__init__()
        self.stem = nn.Linear(64, width)
        self.blocks = nn.Sequential(*[Block(width, residual) for _ in range(n_blocks)])
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, 10)

    def forward(self, x):
        return self.head(self.norm(self.blocks(self.stem(x))))


model = DeepNet(residual=False)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(8):
    model.train()
    loss_sum = 0.0
    for xb, yb in train_loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(xb), yb)
        loss.backward()
        optimizer.step()
        loss_sum += loss.item()
    model.eval()
    with torch.no_grad():
        acc = (model(X_test).argmax(1) == y_test).float().mean().item()
    print(f"epoch {epoch + 1} train loss {loss_sum / len(train_loader):.4f} test acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
