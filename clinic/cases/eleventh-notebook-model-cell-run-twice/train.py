#!/usr/bin/env python
# coding: utf-8

# In[1]:
import os
import torch
from torch import nn, optim
from sklearn.datasets import load_digits
torch.manual_seed(int(os.environ.get("SEED", 0)))

# In[2]:
digits = load_digits()
X = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
X = (X - X.mean()) / X.std()
Y = torch.tensor(digits.target)
perm = torch.randperm(len(X))
train_idx, test_idx = perm[:1400], perm[1400:]
train_loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X[train_idx], Y[train_idx]), batch_size=32, shuffle=True)

# In[3]:
class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 3, padding=1)
        self.conv2 = nn.Conv2d(12, 24, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Linear(24 * 4, 10)

    def forward(self, x):
        x = self.pool(torch.relu(self.conv1(x)))
        x = self.pool(torch.relu(self.conv2(x)))
        return self.fc(x.view(x.size(0), -1))

model = CNN()

# In[4]:
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(model.parameters(), lr=2e-3)

# In[17]:
device = torch.device("cpu")
model = CNN().to(device)

# In[18]:
def evaluate():
    model.eval()
    with torch.no_grad():
        return (model(X[test_idx]).argmax(1) == Y[test_idx]).float().mean().item()

for epoch in range(6):
    model.train()
    running = 0.0
    for images, labels in train_loader:
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        outputs = model(images)
        loss = criterion(outputs, labels)
        loss.backward()
        optimizer.step()
        running += loss.item()
    print('Epoch: {} \tTraining Loss: {:.6f} \tAcc: {:.3f}'.format(epoch, running / len(train_loader), evaluate()))

# In[19]:
print(f"final_metric={evaluate():.4f}")
