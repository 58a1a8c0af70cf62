import os
import torch
from torch import nn
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, Dataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


class WineDataset(Dataset):
    def __init__(self, X, y):
        self.X = torch.from_numpy(X).float()
        self.y = torch.from_numpy(y).long()

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return self.X[i], self.y[i]


X, y = load_wine(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
sc = StandardScaler()
train_data = WineDataset(sc.fit_transform(X_train), y_train)
test_data = WineDataset(sc.transform(X_test), y_test)
train_loader = DataLoader(train_data, batch_size=16, shuffle=True)

model = nn.Sequential(nn.Linear(13, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 3))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)

for epoch in range(1, 41):
    model.train()
    run_loss, n = 0.0, 0
    for xb, yb in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
        run_loss += loss.item() * len(yb)
        n += len(yb)
    model.eval()
    with torch.no_grad():
        logits = model(test_data.X)
        test_loss = criterion(logits, test_data.y).item()
        acc = (logits.argmax(1) == test_data.y).float().mean().item()
    if epoch % 5 == 0:
        print(f"epoch {epoch:3d} | train {run_loss / n:.4f} | test {test_loss:.4f} | acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
