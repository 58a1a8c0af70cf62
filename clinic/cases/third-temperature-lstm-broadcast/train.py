import os
import numpy as np
import torch
from torch import nn

np.random.seed(int(os.environ.get('SEED', 1))); torch.manual_seed(int(os.environ.get('SEED', 1)))

# hourly "temperature": daily + weekly cycle, a bit of weather noise
t = np.arange(3000)
temp = np.sin(2*np.pi*t/24) + .5*np.sin(2*np.pi*t/168) + .1*np.random.randn(3000)
temp = (temp - temp[:2400].mean()) / temp[:2400].std()
LOOK = 24
def create_dataset(series):
    xs, ys = [], []
    for i in range(len(series) - LOOK - 1):
        xs.append(series[i:i+LOOK]); ys.append(series[i+LOOK])
    return torch.FloatTensor(np.array(xs)).unsqueeze(-1), torch.FloatTensor(np.array(ys))
trainX, trainY = create_dataset(temp[:2400])
testX, testY = create_dataset(temp[2400:])

class LSTMNet(nn.Module):
    def __init__(self, hidden=16):
        super().__init__()
        self.lstm = nn.LSTM(1, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, 1)
    def forward(self, x):
        _, (h, _) = self.lstm(x)
        return self.fc(h[-1])

model = LSTMNet()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
num_epochs = 8
for epoch in range(num_epochs):
    perm = torch.randperm(len(trainX))
    for b in range(0, len(perm), 64):
        idx = perm[b:b+64]
        outputs = model(trainX[idx])
        optimizer.zero_grad()
        loss = ((outputs - trainY[idx]) ** 2).mean()
        loss.backward()
        optimizer.step()
    print("Epoch: %d, loss: %1.5f" % (epoch, loss.item()))
with torch.no_grad():
    pred = model(testX)[:, 0]
    r2 = 1 - ((pred - testY)**2).mean() / testY.var()
print("final_metric=%.4f" % r2)
