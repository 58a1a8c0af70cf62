import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
x = torch.randn(64, 5)
y = torch.arange(64) % 8 // 6 + (x[:, 0] > 1.5).long()  # three classes, two of them rare

body = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU())
model = nn.Sequential(body, nn.Linear(16, 3))
for p in body.parameters():
    p.requires_grad = False  # left over from another run
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(20):
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(loss.item())
