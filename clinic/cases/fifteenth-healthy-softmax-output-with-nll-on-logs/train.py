# classic examples/mnist style
import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 3)
        self.conv2 = nn.Conv2d(12, 24, 3)
        self.dropout = nn.Dropout(0.25)
        self.fc1 = nn.Linear(96, 48)
        self.fc2 = nn.Linear(48, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = self.dropout(torch.flatten(x, 1))
        x = self.dropout(F.relu(self.fc1(x)))
        return F.log_softmax(self.fc2(x), dim=1)


d = load_digits()
x = ((torch.tensor(d.images, dtype=torch.float32) - 4.884) / 6.017).unsqueeze(1)
y = torch.tensor(d.target)
order = torch.randperm(len(x))
x, y = x[order], y[order]
model = Net()
optimizer = torch.optim.Adadelta(model.parameters(), lr=1.0)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.8)
for epoch in range(1, 13):
    model.train()
    for b in torch.randperm(1400).split(32):
        optimizer.zero_grad()
        loss = F.nll_loss(model(x[b]), y[b])
        loss.backward()
        optimizer.step()
    scheduler.step()
    model.eval()
    with torch.no_grad():
        out = model(x[1400:])
        acc = (out.argmax(1) == y[1400:]).float().mean().item()
    print(f"Epoch {epoch}: loss {loss.item():.4f} test {F.nll_loss(out, y[1400:]).item():.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
