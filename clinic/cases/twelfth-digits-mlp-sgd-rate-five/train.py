import os
import torch
from torch import nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

torch.manual_seed(int(os.environ.get("SEED", 0)))
LEARNING_RATE = 5.0
X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=int(os.environ.get("SEED", 0)))
X_train = torch.tensor(X_train / 16 - 0.3).float()
X_test = torch.tensor(X_test / 16 - 0.3).float()
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)

mlp = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
sgd = torch.optim.SGD(mlp.parameters(), lr=LEARNING_RATE)
ce = nn.CrossEntropyLoss()
for epoch in range(15):
    for idx in torch.randperm(len(X_train)).split(32):
        sgd.zero_grad()
        loss = ce(mlp(X_train[idx]), y_train[idx])
        loss.backward()
        sgd.step()
    print(f"epoch {epoch}: {loss.item():.4f}")
with torch.no_grad():
    print(f"final_metric={(mlp(X_test).argmax(1) == y_test).float().mean().item():.4f}")
