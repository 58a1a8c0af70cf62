import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))

# hive weight change from 12 standardised sensors
N = 3000
sensors = torch.randn(N, 12)
target = torch.sin(sensors[:, 0]) + 0.5 * sensors[:, 1] * sensors[:, 2] + 0.3 * sensors[:, 3] + 0.1 * torch.randn(N)
x_train, x_val, y_train, y_val = sensors[:2400], sensors[2400:], target[:2400], target[2400:]


class HiveNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(12, 64)
        self.fc2 = nn.Linear(64, 32)
        self.fc3 = nn.Linear(32, 1)
        # only the strongest signals should fire
        nn.init.constant_(self.fc1.bias, -6.0)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x).squeeze(1)


model = HiveNet()
optim = torch.optim.Adam(model.parameters(), lr=2e-3)
batch = 64
for epoch in range(20):
    perm = torch.randperm(len(x_train))
    total = 0.0
    for i in range(0, len(perm), batch):
        idx = perm[i:i + batch]
        optim.zero_grad()
        loss = F.mse_loss(model(x_train[idx]), y_train[idx])
        loss.backward()
        optim.step()
        total += loss.item() * len(idx)
    with torch.no_grad():
        v = F.mse_loss(model(x_val), y_val).item()
    print("epoch", epoch, "train", total / len(x_train), "val", v)
print("final_metric=%.4f" % (1 - v / y_val.var().item()))
