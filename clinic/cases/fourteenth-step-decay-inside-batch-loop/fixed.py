import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_digits(return_X_y=True)
X = (X - X.mean()) / X.std()
a, b, ya, yb = train_test_split(X, y, test_size=0.25, random_state=seed)
train_loader = DataLoader(TensorDataset(torch.tensor(a).float(), torch.tensor(ya)), batch_size=32, shuffle=True)
Xv, yv = torch.tensor(b).float(), torch.tensor(yb)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(64, 64)
        self.fc2 = nn.Linear(64, 32)
        self.fc3 = nn.Linear(32, 10)

    def forward(self, x):
        x = torch.relu(self.fc1(x))
        x = torch.relu(self.fc2(x))
        return self.fc3(x)


def train_one_epoch(model, optimizer, scheduler):
    model.train()
    for inputs, labels in train_loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(inputs), labels)
        loss.backward()
        optimizer.step()
    scheduler.step()
    return loss.item()


def validate(model):
    model.eval()
    with torch.no_grad():
        return (model(Xv).argmax(1) == yv).float().mean().item()


model = Net()
optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=5, gamma=0.5)
for epoch in range(12):
    loss = train_one_epoch(model, optimizer, scheduler)
    acc = validate(model)
    print(epoch, loss, acc)
print(f"final_metric={acc:.4f}")
