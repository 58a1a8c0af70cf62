import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)

counts = [5600, 70, 70, 70]
centres = np.zeros((4, 8))
centres[1, :3] = 1.5
centres[2, 2:5] = -1.5
centres[3, 5:] = 1.5
X = np.concatenate([np.random.randn(c, 8) + centres[k] for k, c in enumerate(counts)]).astype("float32")
y = np.repeat(np.arange(4), counts)
X = (X - X.mean(0)) / X.std(0)
X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.4, stratify=y, random_state=seed)

train_loader = DataLoader(TensorDataset(torch.tensor(X_train), torch.tensor(y_train)), batch_size=64, shuffle=True)
X_val_t, y_val_t = torch.tensor(X_val), torch.tensor(y_val)


class FailureNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(8, 24)
        self.fc2 = nn.Linear(24, 4)

    def forward(self, x):
        return self.fc2(torch.relu(self.fc1(x)))


model = FailureNet()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(12):
    model.train()
    tot = 0.0
    for xb, yb in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
        tot += loss.item()
    model.eval()
    with torch.no_grad():
        logits = model(X_val_t)
    pred = logits.argmax(1).numpy()
    acc = (pred == y_val).mean()
    bal = balanced_accuracy_score(y_val, pred)
    print(f"epoch {epoch} loss {tot / len(train_loader):.4f} val loss {criterion(logits, y_val_t).item():.4f} acc {acc:.4f} balanced {bal:.4f}")
print(f"final_metric={bal:.4f}")
