import os
import torch
import torch.nn as nn
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

X, y = load_diabetes(return_X_y=True, scaled=False)
y = y.reshape(-1, 1)
X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.25, random_state=seed)
sx = StandardScaler().fit(X_train)
X_train, X_val = sx.transform(X_train), sx.transform(X_val)

f32 = lambda a: torch.tensor(a, dtype=torch.float32)
train_dl = DataLoader(TensorDataset(f32(X_train), f32(y_train)), batch_size=32, shuffle=True)
X_val, y_val = f32(X_val), f32(y_val)

model = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 1))
loss_fn = nn.MSELoss()
opt = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)

for epoch in range(40):
    model.train()
    for xb, yb in train_dl:
        opt.zero_grad()
        loss = loss_fn(model(xb), yb)
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        val_loss = loss_fn(model(X_val), y_val)
    if epoch % 5 == 4:
        print(epoch + 1, "val loss", val_loss.item())

r2 = 1 - val_loss.item() / y_val.var(unbiased=False).item()
print(f"final_metric={r2:.4f}")
