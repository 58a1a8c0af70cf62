import os, copy
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

s = int(os.environ.get("SEED", 0)); torch.manual_seed(s)
X, y = load_diabetes(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.35, random_state=s)
X_train, X_val, y_train, y_val = train_test_split(X_train, y_train, test_size=0.25, random_state=s)
sc = StandardScaler().fit(X_train)
to = lambda a: torch.tensor(a, dtype=torch.float32)
m, sd = y_train.mean(), y_train.std()
X_train, X_val, X_test = [to(sc.transform(a)) for a in (X_train, X_val, X_test)]
y_train, y_val, y_test = [to((a - m) / sd).view(-1, 1) for a in (y_train, y_val, y_test)]

model = nn.Sequential(nn.Linear(10, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 1))
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
best, best_state, wait = float('inf'), None, 0
for epoch in range(200):
    model.train()
    for b in torch.randperm(len(X_train)).split(16):
        loss = criterion(model(X_train[b]), y_train[b])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        train_loss, val_loss = criterion(model(X_train), y_train).item(), criterion(model(X_val), y_val).item()
    if val_loss < best:
        best, best_state, wait = val_loss, copy.deepcopy(model.state_dict()), 0
    else:
        wait += 1
    if wait > 3:
        model.load_state_dict(best_state)
        break
    if epoch % 10 == 0:
        print(f"epoch {epoch} train {train_loss:.4f} test {val_loss:.4f}")
with torch.no_grad():
    print("final_metric=%.4f" % (1 - criterion(model(X_test), y_test) / y_test.var()).item())
