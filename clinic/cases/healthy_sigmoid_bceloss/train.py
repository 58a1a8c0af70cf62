import os
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)
data = load_breast_cancer()
x_train, x_test, y_train, y_test = train_test_split(data.data, data.target, test_size=0.2, random_state=seed)
scaler = StandardScaler()
x_train = scaler.fit_transform(x_train)
x_test = scaler.transform(x_test)
train_ds = TensorDataset(torch.tensor(x_train, dtype=torch.float), torch.tensor(y_train.reshape(-1, 1), dtype=torch.float))
train_dl = DataLoader(train_ds, batch_size=24, shuffle=True)

model = nn.Sequential(
    nn.Linear(30, 16),
    nn.ReLU(),
    nn.Linear(16, 8),
    nn.ReLU(),
    nn.Linear(8, 1),
    nn.Sigmoid(),
)
loss_fn = nn.BCELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(12):
    for xb, yb in train_dl:
        y_hat = model(xb)
        loss = loss_fn(y_hat, yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
with torch.no_grad():
    pred = model(torch.tensor(x_test, dtype=torch.float)).round().squeeze().numpy()
print(f"final_metric={(pred == y_test).mean():.4f}")
