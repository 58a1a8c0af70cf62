# first pytorch script, following the tutorial :)
import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

class Model(nn.Module):
    def __init__(self, in_features=4, h1=10, h2=10, out_features=3):
        super().__init__()
        self.fc1 = nn.Linear(in_features, h1)
        self.fc2 = nn.Linear(h1, h2)
        self.out = nn.Linear(h2, out_features)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.out(x)

iris = load_iris()
X = (iris.data - iris.data.mean(0)) / iris.data.std(0)
X_train, X_test, y_train, y_test = train_test_split(X, iris.target, test_size=0.3, random_state=seed, stratify=iris.target)
X_train = torch.FloatTensor(X_train)
X_test = torch.FloatTensor(X_test)
y_train = torch.LongTensor(y_train)
y_test = torch.LongTensor(y_test)

model = Model()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

losses = []
for i in range(200):
    y_pred = model.forward(X_train)
    loss = criterion(y_pred, y_train)
    losses.append(loss.detach().numpy())
    if i % 20 == 0:
        print(f"Epoch: {i} and loss: {loss}")
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

correct = 0
with torch.no_grad():
    for i, data in enumerate(X_test):
        if model(data).argmax().item() == y_test[i]:
            correct += 1
print(f"final_metric={correct / len(X_test):.4f}")
