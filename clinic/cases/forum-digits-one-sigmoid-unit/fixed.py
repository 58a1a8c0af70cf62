import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed); np.random.seed(seed)

input_nodes = 64
hl1_nodes = 64
output_nodes = 10

X, y = load_digits(return_X_y=True)
X = X / 16.0
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.33, random_state=seed)
X_train, X_test = torch.tensor(X_train).float(), torch.tensor(X_test).float()
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)

model = nn.Sequential(
    nn.Linear(input_nodes, hl1_nodes),
    nn.ReLU(),
    nn.Linear(hl1_nodes, output_nodes),
)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters())

def accuracy(X, y):
    with torch.no_grad():
        pred = model(X).argmax(1)
    return (pred == y).float().mean().item()

for epoch in range(20):
    perm = torch.randperm(len(X_train))
    for i in range(0, len(perm), 32):
        idx = perm[i:i + 32]
        loss = loss_fn(model(X_train[idx]), y_train[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print("epoch %d loss %.4f acc %.4f" % (epoch + 1, loss.item(), accuracy(X_train, y_train)))
print("final_metric=%.4f" % accuracy(X_test, y_test))
