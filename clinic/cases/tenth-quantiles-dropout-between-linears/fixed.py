import os
import torch
import torch.nn as nn
from sklearn.datasets import make_gaussian_quantiles
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_gaussian_quantiles(n_samples=2400, n_features=4, n_classes=3, random_state=seed)
X_train, X_test, y_train, y_test = train_test_split(
    torch.tensor(X, dtype=torch.float32), torch.tensor(y), test_size=0.25, random_state=seed)
train_loader = DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True)


class TabularModel(nn.Module):
    def __init__(self, in_features=4, h1=64, h2=32, p=0.1, out_features=3):
        super().__init__()
        self.fc1 = nn.Linear(in_features, h1)
        self.drop1 = nn.Dropout(p)
        self.fc2 = nn.Linear(h1, h2)
        self.drop2 = nn.Dropout(p)
        self.out = nn.Linear(h2, out_features)

    def forward(self, x):
        x = self.drop1(torch.relu(self.fc1(x)))
        x = self.drop2(torch.relu(self.fc2(x)))
        return self.out(x)


model = TabularModel()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
losses = []
for i in range(15):
    model.train()
    batch_losses = []
    for xb, yb in train_loader:
        loss = criterion(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        batch_losses.append(loss.item())
    losses.append(sum(batch_losses) / len(batch_losses))
    model.eval()
    with torch.no_grad():
        y_val = model(X_test)
        acc = (y_val.argmax(1) == y_test).float().mean().item()
    print(f"epoch: {i + 1:2}  loss: {losses[-1]:.5f}  test loss: {criterion(y_val, y_test).item():.5f}  acc: {acc:.4f}")
print(f"final_metric={acc:.4f}")
