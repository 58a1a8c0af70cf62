import os
import torch
import torch.nn as nn
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

data = load_breast_cancer()
X_train, X_val, y_train, y_val = train_test_split(data.data, data.target, test_size=0.3, random_state=seed)
scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_val = scaler.transform(X_val)

train_set = TensorDataset(torch.tensor(X_train).float(), torch.tensor(y_train).float())
val_set = TensorDataset(torch.tensor(X_val).float(), torch.tensor(y_val).float())
model = nn.Sequential(nn.Linear(30, 32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
bce = nn.BCEWithLogitsLoss()


def run(loader, train):
    model.train(train)
    loss_sum = hits = n = 0
    with torch.set_grad_enabled(train):
        for x, y in loader:
            z = model(x).squeeze(1)
            loss = bce(z, y)
            if train:
                opt.zero_grad()
                loss.backward()
                opt.step()
            loss_sum += loss.item() * len(y)
            hits += ((z > 0).float() == y).sum().item()
            n += len(y)
    return loss_sum / n, hits / n


for epoch in range(20):
    tr = run(DataLoader(train_set, batch_size=20, shuffle=True), True)
    va = run(DataLoader(val_set, batch_size=64), False)
    print(f"epoch {epoch} train {tr[0]:.3f}/{tr[1]:.3f} val {va[0]:.3f}/{va[1]:.3f}")
print(f"final_metric={va[1]:.4f}")
