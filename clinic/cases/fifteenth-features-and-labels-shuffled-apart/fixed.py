import os
import numpy as np
import torch

np.random.seed(int(os.environ.get('SEED', 0)))
torch.manual_seed(int(os.environ.get('SEED', 0)))

from sklearn import datasets
from sklearn.preprocessing import scale

X, y = datasets.make_classification(n_samples=2400, n_features=16, n_informative=10, n_classes=3, class_sep=1.5, random_state=1)
X = scale(X).astype('float32')
X_test, y_test = torch.tensor(X[2000:]), torch.tensor(y[2000:])
X, y = X[:2000], y[:2000]

# shuffle the training data
p = np.random.permutation(len(X))
X, y = X[p], y[p]

X, y = torch.tensor(X), torch.tensor(y)
model = torch.nn.Sequential(torch.nn.Linear(16, 48), torch.nn.ReLU(), torch.nn.Linear(48, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
batch_size = 40
for epoch in range(15):
    perm = torch.randperm(2000)
    for i in range(2000 // batch_size):
        sel = perm[i * batch_size:(i + 1) * batch_size]
        loss = torch.nn.functional.cross_entropy(model(X[sel]), y[sel])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print('epoch %d, loss %.4f' % (epoch, loss.item()))
with torch.no_grad():
    acc = (model(X_test).argmax(1) == y_test).float().mean().item()
print('final_metric=%.4f' % acc)
