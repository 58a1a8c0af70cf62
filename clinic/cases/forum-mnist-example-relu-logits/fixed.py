from __future__ import print_function
import os
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get('SEED', 0)))
d = load_digits()
data = (torch.tensor(d.images).float().unsqueeze(1) - 4.88) / 6.02
label = torch.tensor(d.target)
p = torch.randperm(1797)
data, label = data[p], label[p]

class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=3)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=3)
        self.fc1 = nn.Linear(80, 50)
        self.fc2 = nn.Linear(50, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.relu(F.max_pool2d(self.conv2(x), 2))
        x = x.view(-1, 80)
        x = F.relu(self.fc1(x))
        x = self.fc2(x)
        return F.log_softmax(x, dim=1)

model = Net()
optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.5)

def train(epoch):
    model.train()
    for batch_idx, b in enumerate(torch.randperm(1400).split(32)):
        optimizer.zero_grad()
        output = model(data[b])
        loss = F.nll_loss(output, label[b])
        loss.backward()
        optimizer.step()
    print('Train Epoch: {} Loss: {:.6f}'.format(epoch, loss.item()))

for epoch in range(1, 16):
    train(epoch)
model.eval()
with torch.no_grad():
    correct = (model(data[1400:]).argmax(1) == label[1400:]).float().mean().item()
print('final_metric=%.4f' % correct)
