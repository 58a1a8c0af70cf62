import os
import torch
from torch import nn
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

X, y = load_breast_cancer(return_X_y=True)
X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.35, random_state=seed, stratify=y)

scaler = MinMaxScaler((-1, 1))
X_train = scaler.fit_transform(X_train)
X_val = scaler.transform(X_val)

X_train, y_train = torch.tensor(X_train).float(), torch.tensor(y_train).float()
X_val, y_val = torch.tensor(X_val).float(), torch.tensor(y_val).float()

model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-4)
criterion = nn.BCEWithLogitsLoss()
for epoch in range(25):
    model.train()
    for idx in torch.randperm(len(X_train)).split(16):
        optimizer.zero_grad()
        loss = criterion(model(X_train[idx]).squeeze(1), y_train[idx])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        out = model(X_val).squeeze(1)
        val_loss = criterion(out, y_val).item()
        acc = ((out > 0).float() == y_val).float().mean().item()
    print(f"{epoch} train {loss.item():.4f} val {val_loss:.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
