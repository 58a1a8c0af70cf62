import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))

# forward kinematics of a planar arm: joint angles -> position of the hand
angles = (torch.rand(4000, 3) * 2 - 1) * 2.2
a = angles.cumsum(1)
lengths = torch.tensor([1.0, 0.8, 0.5])
hand = torch.stack([(lengths * a.cos()).sum(1), (lengths * a.sin()).sum(1)], 1)
angles = angles / angles.std()
hand = (hand - hand[:3200].mean(0)) / hand[:3200].std(0)

train_loader = DataLoader(TensorDataset(angles[:3200], hand[:3200]), batch_size=64, shuffle=True)
test_x, test_y = angles[3200:], hand[3200:]


class Arm(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(3, 96)
        self.fc2 = nn.Linear(96, 96)
        self.fc3 = nn.Linear(96, 48)
        self.fc4 = nn.Linear(48, 2)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        x = F.relu(self.fc3(x))
        return self.fc4(x)


arm = Arm()
optimizer = torch.optim.AdamW(arm.parameters(), lr=2e-3)
for epoch in range(15):
    arm.train()
    for q, p in train_loader:
        loss = F.mse_loss(arm(q), p)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    arm.eval()
    with torch.no_grad():
        mse = F.mse_loss(arm(test_x), test_y).item()
    print(f"epoch {epoch:02d} train {loss.item():.4f} test {mse:.4f}")
print(f"final_metric={1 - mse / test_y.var().item():.4f}")
