import os
import torch
from sklearn.datasets import load_diabetes, make_regression

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y, coef = make_regression(n_samples=2500, n_features=15, n_informative=10, noise=20.0, coef=True, random_state=int(os.environ.get("SEED", 0)))
y = (y - y.mean()) / y.std()
X = torch.tensor(X).float()
y = torch.tensor(y).float().unsqueeze(1)
X_train, y_train, X_test, y_test = X[:2000], y[:2000], X[2000:], y[2000:]

model = torch.nn.Sequential(torch.nn.Linear(15, 32), torch.nn.ReLU(), torch.nn.Linear(32, 1))
loss_fn = torch.nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.02)

for epoch in range(20):
    shuffled = torch.randperm(2000)
    for start in range(0, 2000, 25):
        rows = shuffled[start:start + 25]
        loss = loss_fn(model(X_train[rows]), y_train[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        test_loss = loss_fn(model(X_test), y_test).item()
    print(f"epoch {epoch:3d}   train {loss.item():.4f}   test {test_loss:.4f}")
print(f"final_metric={1 - test_loss / y_test.var().item():.4f}")
