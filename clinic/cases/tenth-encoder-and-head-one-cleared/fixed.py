import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

torch.manual_seed(int(os.environ.get("SEED", 1)))
digits = load_digits()
X = (digits.data - digits.data.mean()) / digits.data.std()
Xtr, Xte, ytr, yte = train_test_split(X, digits.target, test_size=0.3, random_state=int(os.environ.get("SEED", 1)))
train_dl = DataLoader(TensorDataset(torch.tensor(Xtr).float(), torch.tensor(ytr)), batch_size=64, shuffle=True)
Xte, yte = torch.tensor(Xte).float(), torch.tensor(yte)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU())

    def forward(self, x):
        return self.net(x)


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(32, 10)

    def forward(self, z):
        return self.fc(z)


encoder, head = Encoder(), Head()
params = list(encoder.parameters()) + list(head.parameters())
optimizer = torch.optim.SGD(params, lr=0.1, momentum=0.8)
criterion = nn.CrossEntropyLoss()

n_epochs = 12
for epoch in range(n_epochs):
    epoch_loss = 0
    for data, target in train_dl:
        optimizer.zero_grad()
        output = head(encoder(data))
        loss = criterion(output, target)
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item()
    with torch.no_grad():
        acc = (head(encoder(Xte)).argmax(1) == yte).float().mean().item()
    print(f"Epoch {epoch + 1}/{n_epochs}  loss: {epoch_loss / len(train_dl):.4f}  acc: {100 * acc:.1f}%")
print(f"final_metric={acc:.4f}")
