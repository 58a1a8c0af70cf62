import os
import torch
import torch.nn as nn
import torch.optim as optim
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

torch.manual_seed(int(os.environ.get("SEED", 0)))
digits = load_digits()
X_train, X_test, y_train, y_test = train_test_split(digits.data / 16, digits.target, test_size=0.3, random_state=int(os.environ.get("SEED", 0)))
X_train = torch.FloatTensor(X_train) * 2 - 0.6
X_test = torch.FloatTensor(X_test) * 2 - 0.6
y_train, y_test = torch.LongTensor(y_train), torch.LongTensor(y_test)


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.fc1 = nn.Linear(64, 48)
        self.fc2 = nn.Linear(48, 32)
        self.fc3 = nn.Linear(32, 10)
        self.softmax = nn.Softmax(dim=1)

    def forward(self, x):
        x = torch.relu(self.fc1(x))
        x = torch.relu(self.fc2(x))
        x = self.fc3(x)
        return self.softmax(x)


net = Net()
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for epoch in range(10):
    permutation = torch.randperm(X_train.size()[0])
    for i in range(0, X_train.size()[0], 32):
        indices = permutation[i:i + 32]
        optimizer.zero_grad()
        outputs = net(X_train[indices])
        loss = criterion(outputs, y_train[indices])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        out = net(X_test)
        val_loss = criterion(out, y_test).item()
        acc = (out.argmax(1) == y_test).float().mean().item()
    print('Epoch %d train %.3f val %.3f acc %.3f' % (epoch + 1, loss.item(), val_loss, acc))
# probabilistic score of the test set
with torch.no_grad():
    p = net(X_test)[torch.arange(len(y_test)), y_test]
print("final_metric=%.4f" % p.clamp_min(1e-3).log().mean().item())
