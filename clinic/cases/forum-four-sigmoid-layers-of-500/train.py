import os
import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed); rng = np.random.RandomState(seed)
n_bits, n_nodes = 24, 200
W = rng.randn(n_bits, 6)

def mapping(n):
    b = rng.randint(0, 2, (n, n_bits))
    h = np.tanh((2 * b - 1) @ W / 3)
    return b, h.sum(1) + h[:, 0] * h[:, 1]

x, y = mapping(3000); xt, yt = mapping(800)
m, s = y.mean(), y.std()
x, xt = torch.tensor(2. * x - 1).float(), torch.tensor(2. * xt - 1).float()
y, yt = torch.tensor((y - m) / s).float().view(-1, 1), torch.tensor((yt - m) / s).float().view(-1, 1)

class neural_network_model(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden_1 = nn.Linear(n_bits, n_nodes)
        self.hidden_2 = nn.Linear(n_nodes, n_nodes)
        self.hidden_3 = nn.Linear(n_nodes, n_nodes)
        self.hidden_4 = nn.Linear(n_nodes, n_nodes)
        self.output = nn.Linear(n_nodes, 1)
        self.activation = nn.Sigmoid()
    def forward(self, data):
        l1 = self.activation(self.hidden_1(data))
        l2 = self.activation(self.hidden_2(l1))
        l3 = self.activation(self.hidden_3(l2))
        l4 = self.activation(self.hidden_4(l3))
        return self.output(l4)

net = neural_network_model()
optimizer = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
for epoch in range(8):
    epoch_loss = 0
    for b in torch.randperm(3000).split(40):
        cost = nn.functional.mse_loss(net(x[b]), y[b])
        optimizer.zero_grad()
        cost.backward()
        optimizer.step()
        epoch_loss += cost.item() / 75
    print('Epoch', epoch, 'completed, loss:', epoch_loss)
with torch.no_grad():
    print('final_metric=%.4f' % (1 - nn.functional.mse_loss(net(xt), yt) / yt.var()).item())
