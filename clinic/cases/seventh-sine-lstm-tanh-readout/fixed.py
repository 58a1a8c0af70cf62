import os
import numpy as np
import torch
import torch.nn as nn

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED); np.random.seed(SEED)
t = np.arange(2200)
series = 2.2 * np.sin(0.11 * t) + 1.1 * np.sin(0.031 * t + 1) + 0.05 * np.random.randn(2200)
series = series.astype(np.float32)
window = 25
X = torch.tensor(np.stack([series[i:i + window] for i in range(len(series) - window)])).unsqueeze(-1)
Y = torch.tensor(series[window:]).unsqueeze(-1)
X_tr, Y_tr, X_te, Y_te = X[:1700], Y[:1700], X[1725:], Y[1725:]

class Forecaster(nn.Module):
    def __init__(self, hidden_size=24):
        super().__init__()
        self.lstm = nn.LSTM(1, hidden_size, batch_first=True)
        self.linear = nn.Linear(hidden_size, 1)
    def forward(self, seq):
        out, (h, c) = self.lstm(seq)
        return self.linear(h[-1])

model = Forecaster()
loss_function = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
for i in range(14):
    for idx in torch.randperm(len(X_tr)).split(34):
        optimizer.zero_grad()
        single_loss = loss_function(model(X_tr[idx]), Y_tr[idx])
        single_loss.backward()
        optimizer.step()
    with torch.no_grad():
        test_loss = loss_function(model(X_te), Y_te).item()
    print(f'epoch: {i:3} loss: {single_loss.item():10.6f} test: {test_loss:10.6f}')
print('final_metric=%.4f' % (1 - test_loss / Y_te.var().item()))
