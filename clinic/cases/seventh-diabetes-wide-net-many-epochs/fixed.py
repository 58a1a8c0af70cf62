import os
import torch
from torch import nn
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
X, y = load_diabetes(return_X_y=True)
X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.3, random_state=SEED)
sx, sy = StandardScaler().fit(X_train), StandardScaler().fit(y_train[:, None])
X_train, X_val = (torch.tensor(sx.transform(a), dtype=torch.float32) for a in (X_train, X_val))
y_train, y_val = (torch.tensor(sy.transform(a[:, None]), dtype=torch.float32) for a in (y_train, y_val))

model = nn.Sequential(
    nn.Linear(10, 8), nn.ReLU(), nn.Dropout(0.1),
    nn.Linear(8, 1),
)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1)
criterion = nn.MSELoss()
for epoch in range(45):
    model.train()
    epoch_loss = 0.0
    for idx in torch.randperm(len(X_train)).split(32):
        optimizer.zero_grad()
        loss = criterion(model(X_train[idx]), y_train[idx])
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item() * len(idx) / len(X_train)
    model.eval()
    with torch.no_grad():
        val_loss = criterion(model(X_val), y_val).item()
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1:3d} | train {epoch_loss:.4f} | val {val_loss:.4f}")
print(f"final_metric={1 - val_loss / y_val.var().item():.4f}")
