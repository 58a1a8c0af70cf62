import os
import torch
import torch.nn as nn
import torch.utils.data as tud

torch.manual_seed(int(os.environ.get('SEED', 0)))

N = 3000
x = torch.rand(N, 6) * 2 - 1          # scaled building parameters
energy = torch.sin(3 * x[:, 0]) * x[:, 1] + x[:, 2] ** 2 - x[:, 3] * x[:, 4] + 0.5 * x[:, 5]
energy = energy + 0.05 * torch.randn(N)
x = x / 0.577
energy = ((energy - energy[:2400].mean()) / energy[:2400].std()).unsqueeze(1)
train = tud.TensorDataset(x[:2400], energy[:2400])
xv, ev = x[2400:], energy[2400:]


class Regressor(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(6, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1))
        self.reset()

    def reset(self):
        for p in self.net:
            if hasattr(p, 'weight'):
                nn.init.constant_(p.weight, 0.05)
                nn.init.constant_(p.bias, 0.0)

    def forward(self, x):
        return self.net(x)


model = Regressor()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
mse = nn.MSELoss()
for epoch in range(20):
    model.train()
    for xb, eb in tud.DataLoader(train, batch_size=64, shuffle=True):
        opt.zero_grad()
        loss = mse(model(xb), eb)
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        val = mse(model(xv), ev).item()
    print(epoch, round(loss.item(), 4), round(val, 4))
print('final_metric=%.4f' % (1 - val / ev.var().item()))
