import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

seed = int(os.environ.get('SEED', 0))
np.random.seed(seed)
torch.manual_seed(seed)

X, y = load_wine(return_X_y=True)
X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.4, stratify=y, random_state=seed)


def standardise(a, ref):
    return (a - a.mean(1, keepdims=True)) / a.std(1, keepdims=True)


X_val = torch.tensor(standardise(X_val, X_train), dtype=torch.float32)
X_train = torch.tensor(standardise(X_train, X_train), dtype=torch.float32)
y_train, y_val = torch.tensor(y_train), torch.tensor(y_val)

model = nn.Sequential(nn.Linear(13, 24), nn.ReLU(), nn.Linear(24, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-3)
for epoch in range(25):
    model.train()
    for idx in torch.randperm(len(X_train)).split(16):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(X_train[idx]), y_train[idx])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        o = model(X_val)
        if epoch % 5 == 4:
            print(f'epoch {epoch + 1} loss {loss.item():.4f} val {nn.functional.cross_entropy(o, y_val).item():.4f}')
print('final_metric=%.4f' % (o.argmax(1) == y_val).float().mean().item())
