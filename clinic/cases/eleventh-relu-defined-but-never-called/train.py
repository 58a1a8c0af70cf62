import os
import torch
from torch import nn
from sklearn.datasets import make_gaussian_quantiles
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


class Net(nn.Module):
    def __init__(self, in_features, hidden, n_classes):
        super(Net, self).__init__()
        self.fc1 = nn.Linear(in_features, hidden)
        self.fc2 = nn.Linear(hidden, hidden)
        self.fc3 = nn.Linear(hidden, hidden)
        self.fc4 = nn.Linear(hidden, n_classes)
        self.relu = nn.ReLU()

    def forward(self, x):
        out = self.fc1(x)
        out = self.fc2(out)
        out = self.fc3(out)
        out = self.fc4(out)
        return out


X, y = make_gaussian_quantiles(n_samples=3000, n_features=4, n_classes=3, random_state=seed)
X_train, X_test, y_train, y_test = train_test_split(
    torch.tensor(X, dtype=torch.float32), torch.tensor(y), test_size=0.25, random_state=seed)
model = Net(4, 40, 3)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
num_epochs = 15
for epoch in range(num_epochs):
    permutation = torch.randperm(X_train.size(0))
    for i in range(0, X_train.size(0), 50):
        indices = permutation[i:i + 50]
        outputs = model(X_train[indices])
        loss = criterion(outputs, y_train[indices])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        _, predicted = torch.max(model(X_test).data, 1)
        accuracy = (predicted == y_test).sum().item() / len(y_test)
    print('Epoch [{}/{}], Loss: {:.4f}, Acc: {:.4f}'.format(epoch + 1, num_epochs, loss.item(), accuracy))
print(f"final_metric={accuracy:.4f}")
