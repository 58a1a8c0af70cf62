import os
import torch
import torch.nn as nn
torch.manual_seed(int(os.environ.get('SEED', 0)))

def complex_numbers(n):
    z = torch.rand(n, 2) * 4 - 2
    return z, z.pow(2).sum(1, keepdim=True).sqrt()

def amplitude_spectrum(n):
    # two bins, amplitude of each
    a, r1 = complex_numbers(n)
    b, r2 = complex_numbers(n)
    return torch.cat([a, b], 1), torch.cat([r1, r2], 1)

x_train, y_train = amplitude_spectrum(3000)
x_test, y_test = amplitude_spectrum(1000)
hidden = 64
model = nn.Sequential(nn.Linear(4, hidden), nn.ReLU(), nn.Linear(hidden, 2))
opt = torch.optim.Adam(model.parameters(), lr=0.01)
mse = nn.MSELoss()
for epoch in range(20):
    for i in torch.randperm(3000).split(50):
        opt.zero_grad()
        loss = mse(model(x_train[i]), y_train[i])
        loss.backward()
        opt.step()
    if epoch % 4 == 3:
        print(epoch + 1, loss.item())
with torch.no_grad():
    print('final_metric=%.4f' % (1 - mse(model(x_test), y_test) / y_test.var()).item())
