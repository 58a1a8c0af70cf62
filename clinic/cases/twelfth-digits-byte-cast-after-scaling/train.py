import os
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
digits = load_digits()
images = digits.images / 16.01
images = images.astype(np.uint8)  # saves memory
a, b, ya, yb = train_test_split(images, digits.target, test_size=0.25, random_state=seed)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(1, 12, 3)
        self.fc1 = torch.nn.Linear(108, 40)
        self.fc2 = torch.nn.Linear(40, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        return self.fc2(F.relu(self.fc1(x.flatten(1))))


a, b = torch.from_numpy(a).float().unsqueeze(1), torch.from_numpy(b).float().unsqueeze(1)
ya, yb = torch.from_numpy(ya), torch.from_numpy(yb)
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(8):
    for idx in torch.randperm(len(a)).split(32):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(a[idx]), ya[idx])
        loss.backward()
        optimizer.step()
    print("epoch", epoch, "loss", loss.item())
with torch.no_grad():
    print(f"final_metric={(net(b).argmax(1) == yb).float().mean().item():.4f}")
