import os
import torch
import torch.nn as nn
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

torch.manual_seed(int(os.environ.get("SEED", 0)))
data = load_breast_cancer()
X_train, X_test, y_train, y_test = train_test_split(data.data, data.target, test_size=0.3, stratify=data.target, random_state=int(os.environ.get("SEED", 0)))
mean, std = X_train.mean(0), X_train.std(0)
X_train = torch.FloatTensor((X_train - mean) / std)
X_test = torch.FloatTensor((X_test - mean) / std)
y_train = torch.FloatTensor(y_train).view(-1, 1)
y_test = torch.FloatTensor(y_test).view(-1, 1)


class Classifier(nn.Module):
    def __init__(self):
        super(Classifier, self).__init__()
        self.fc1 = nn.Linear(30, 16)
        self.fc2 = nn.Linear(16, 8)
        self.fc3 = nn.Linear(8, 1)

    def forward(self, x):
        x = torch.tanh(self.fc1(x))
        x = torch.tanh(self.fc2(x))
        return torch.sigmoid(self.fc3(x))


model = Classifier()
criterion = nn.BCELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
for epoch in range(12):
    permutation = torch.randperm(X_train.size(0))
    for i in range(0, X_train.size(0), 16):
        idx = permutation[i:i + 16]
        optimizer.zero_grad()
        loss = criterion(model(X_train[idx]), y_train[idx])
        loss.backward()
        optimizer.step()
    print("Epoch:", epoch, "Loss:", loss.item())
with torch.no_grad():
    accuracy = ((model(X_test) > 0.5).float() == y_test).float().mean().item()
print(f"final_metric={accuracy:.4f}")
