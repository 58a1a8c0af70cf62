import os
import numpy as np
import torch
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

X, y = make_classification(n_samples=8000, n_features=20, n_informative=12, n_classes=5, n_clusters_per_class=2, class_sep=1.8, random_state=seed)
Xtr, Xte, ytr, yte = train_test_split(X, y, test_size=0.25, random_state=0)
scaler = StandardScaler()
Xtr = scaler.fit_transform(Xtr).astype(np.float32)
Xte = scaler.transform(Xte).astype(np.float32)

# it all fits into memory, so use it
BATCH_SIZE = 64
train_loader = DataLoader(TensorDataset(torch.tensor(Xtr), torch.tensor(ytr)), batch_size=BATCH_SIZE, shuffle=True)

model = torch.nn.Sequential(
    torch.nn.Linear(20, 64), torch.nn.ReLU(),
    torch.nn.Linear(64, 64), torch.nn.ReLU(),
    torch.nn.Linear(64, 5),
)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
criterion = torch.nn.CrossEntropyLoss()
for epoch in range(12):
    for xb, yb in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
    if epoch % 5 == 4:
        print(f"Epoch [{epoch + 1}/12] Loss: {loss.item():.4f}")
with torch.no_grad():
    acc = (model(torch.tensor(Xte)).argmax(1).numpy() == yte).mean()
print(f"final_metric={acc:.4f}")
