import os
import numpy as np
import torch
import torch.nn as nn
from sklearn import datasets
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = datasets.make_regression(n_samples=2500, n_features=100, n_informative=100, n_targets=1, noise=100, random_state=seed)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=seed)
lm_lr = LinearRegression().fit(X_train, y_train)
print("sklearn R2", lm_lr.score(X_test, y_test))

X_train, X_test, y_train, y_test = [torch.tensor(a, dtype=torch.float32) for a in (X_train, X_test, y_train, y_test)]
y_train, y_test = y_train.view(-1, 1), y_test.view(-1, 1)
model = nn.Linear(100, 1)
rmsprop = torch.optim.RMSprop(model.parameters(), lr=0.001, alpha=0.9)
for epoch in range(20):
    for b in torch.randperm(len(X_train)).split(16):
        rmsprop.zero_grad()
        loss = ((model(X_train[b]) - y_train[b]) ** 2).mean()
        loss.backward()
        rmsprop.step()
    if epoch % 5 == 4:
        print("epoch", epoch + 1, "loss", loss.item())
with torch.no_grad():
    pred = model(X_test)
print("prediction range", pred.min().item(), pred.max().item())
print("final_metric=%.4f" % (1 - ((pred - y_test) ** 2).mean() / y_test.var()).item())
