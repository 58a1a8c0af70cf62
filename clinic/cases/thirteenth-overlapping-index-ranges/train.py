import os
import copy
import torch
from torch import nn
from sklearn.datasets import make_classification

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_classification(3000, 40, n_informative=6, n_redundant=0, flip_y=0.25, class_sep=1.0, random_state=seed)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor(y)

DEV = 400
dev_x, dev_y = X[:DEV], y[:DEV]
test_x, test_y = X[DEV:], y[DEV:]
tr_x, tr_y = dev_x[0:300], dev_y[0:300]
va_x, va_y = dev_x[200:300], dev_y[200:300]


def evaluate(model, a, b):
    model.eval()
    with torch.no_grad():
        return nn.functional.cross_entropy(model(a), b).item()


def fit(model, epochs=50):
    """Keeps the weights of the best validation epoch."""
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    best_loss, best_model, waited = float("inf"), None, 0
    for epoch in range(epochs):
        model.train()
        for b in torch.randperm(len(tr_x)).split(25):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(tr_x[b]), tr_y[b])
            loss.backward()
            optimizer.step()
        val = evaluate(model, va_x, va_y)
        if val < best_loss:
            best_loss, best_model, waited = val, copy.deepcopy(model), 0
        else:
            waited += 1
        if epoch % 5 == 0:
            print(epoch, loss.item(), val)
        if waited == 4:
            break
    return best_model


model = fit(nn.Sequential(nn.Linear(40, 64), nn.ReLU(), nn.Linear(64, 2)))
print(f"final_metric={-evaluate(model, test_x, test_y):.4f}")
