import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
data = load_digits()
x = torch.tensor(data.data / 8 - 1, dtype=torch.float)
y = torch.tensor(data.target)
idx = torch.randperm(len(x))
x_train, y_train = x[idx[:1400]], y[idx[:1400]]
x_test, y_test = x[idx[1400:]], y[idx[1400:]]
model = nn.Sequential(nn.Linear(64, 40), nn.Tanh(), nn.Linear(40, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.8, weight_decay=1e-3)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(10):
    shuffle = torch.randperm(1400)
    optimizer.zero_grad()
    for i in range(0, 1400, 35):
        b = shuffle[i:i+35]
        y_pred = model(x_train[b])
        loss = loss_fn(y_pred, y_train[b])
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
acc = (model(x_test).argmax(1) == y_test).float().mean().item()
print(f'final_metric={acc:.4f}')
