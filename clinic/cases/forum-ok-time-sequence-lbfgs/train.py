import os
import numpy as np
import torch
import torch.nn as nn
import torch.optim as optim

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed); torch.manual_seed(seed)
T, L, N = 20, 120, 24
x = np.empty((N, L), 'int64')
x[:] = np.array(range(L)) + np.random.randint(-4 * T, 4 * T, N).reshape(N, 1)
data = torch.from_numpy(np.sin(x / 1.0 / T).astype('float64'))

class Sequence(nn.Module):
    def __init__(self):
        super(Sequence, self).__init__()
        self.lstm1 = nn.LSTMCell(1, 20)
        self.lstm2 = nn.LSTMCell(20, 20)
        self.linear = nn.Linear(20, 1)

    def forward(self, input, future=0):
        outputs = []
        h_t = torch.zeros(input.size(0), 20, dtype=torch.double)
        c_t = torch.zeros(input.size(0), 20, dtype=torch.double)
        h_t2 = torch.zeros(input.size(0), 20, dtype=torch.double)
        c_t2 = torch.zeros(input.size(0), 20, dtype=torch.double)
        for input_t in input.split(1, dim=1):
            h_t, c_t = self.lstm1(input_t, (h_t, c_t))
            h_t2, c_t2 = self.lstm2(h_t, (h_t2, c_t2))
            output = self.linear(h_t2)
            outputs += [output]
        for i in range(future):
            h_t, c_t = self.lstm1(output, (h_t, c_t))
            h_t2, c_t2 = self.lstm2(h_t, (h_t2, c_t2))
            output = self.linear(h_t2)
            outputs += [output]
        return torch.cat(outputs, dim=1)

input, target = data[3:, :-1], data[3:, 1:]
test_input, test_target = data[:3, :-1], data[:3, 1:]
seq = Sequence()
seq.double()
criterion = nn.MSELoss()
optimizer = optim.LBFGS(seq.parameters(), lr=0.8)
for i in range(3):
    def closure():
        optimizer.zero_grad()
        out = seq(input)
        loss = criterion(out, target)
        loss.backward()
        return loss
    l = optimizer.step(closure)
    print('STEP: ', i, 'loss:', l.item())
with torch.no_grad():
    pred = seq(test_input, future=20)
    loss = criterion(pred[:, :-20], test_target)
print('final_metric=%.4f' % (1 - loss / test_target.var()).item())
