import os, math, torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(int(os.environ.get('SEED', 0)))

class SinNet(nn.Module):
    def __init__(self, num_neurons=100):
        super(SinNet, self).__init__()
        self.l1 = nn.Linear(1, num_neurons)
        self.l2 = nn.Linear(num_neurons, num_neurons)
        self.l3 = nn.Linear(num_neurons, 1)
    def forward(self, x):
        x = F.relu(self.l1(x))
        x = F.relu(self.l2(x))
        x = self.l3(x)
        return x

X_train = torch.rand(2000, 1) * 4 - 2
Y_train = torch.sin(math.pi * X_train)
X_test = torch.arange(-2, 2, 0.01).unsqueeze(1)
Y_test = torch.sin(math.pi * X_test)

net = SinNet()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
criterion = nn.MSELoss()
for epoch in range(60):
    running = 0.0
    for i in range(0, 2000, 50):
        inp, target = X_train[i:i + 50], Y_train[i:i + 50]
        optimizer.zero_grad()
        out = net(inp)
        loss = criterion(out, target)
        loss.backward()
        optimizer.step()
        running += loss.item()
    if epoch % 10 == 9:
        print('[%d] loss: %.5f' % (epoch + 1, running / 40))
with torch.no_grad():
    err = criterion(net(X_test), Y_test).item()
print('final_metric=%.4f' % (1 - err / Y_test.var().item()))
