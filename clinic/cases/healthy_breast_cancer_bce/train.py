import os

import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


class TumourDataset(Dataset):
    def __init__(self, X, y):
        self.X = torch.as_tensor(X, dtype=torch.float32)
        self.y = torch.as_tensor(y, dtype=torch.float32).unsqueeze(1)

    def __len__(self):
        return len(self.X)

    def __getitem__(self, i):
        return self.X[i], self.y[i]


class Classifier(nn.Module):
    def __init__(self, n_in):
        super().__init__()
        self.hidden = nn.Linear(n_in, 24)
        self.act = nn.ReLU()
        self.out = nn.Linear(24, 1)

    def forward(self, x):
        return self.out(self.act(self.hidden(x)))


X, y = load_breast_cancer(return_X_y=True)
Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.3, random_state=int(os.environ.get("SEED", 0)), stratify=y)
scaler = StandardScaler()
Xa = scaler.fit_transform(Xa)
Xb = scaler.transform(Xb)
train_loader = DataLoader(TumourDataset(Xa, ya), batch_size=32, shuffle=True)
val_loader = DataLoader(TumourDataset(Xb, yb), batch_size=64)

model = Classifier(30)
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-4)

for epoch in range(20):
    model.train()
    for inputs, targets in train_loader:
        optimizer.zero_grad()
        outputs = model(inputs)
        loss = criterion(outputs, targets)
        loss.backward()
        optimizer.step()

    model.eval()
    val_loss, ok, n = 0.0, 0, 0
    with torch.no_grad():
        for inputs, targets in val_loader:
            logits = model(inputs)
            val_loss += criterion(logits, targets).item() * len(inputs)
            ok += ((logits > 0).float() == targets).sum().item()
            n += len(inputs)
    print(f"[{epoch + 1:02d}] val_loss={val_loss / n:.4f} val_acc={ok / n:.4f}")

print(f"final_metric={ok / n:.4f}")
