"""Everything at the top level: a loader, a schedule that is stepped too often, a validation."""
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
x = torch.randn(96, 6)
y = (x.sum(1) + 2 * torch.randn(96) > 2).long()  # noisy, and one class is rare
x_val, y_val = x[64:], y[64:]
loader = DataLoader(TensorDataset(x[:64], y[:64]), batch_size=16)

model = nn.Sequential(
    nn.Linear(6, 8),
    nn.ReLU(),
    nn.Linear(8, 8),
    nn.ReLU(),  # the last one
    nn.Linear(8, 2),
)
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(model.parameters(), lr=0.2, momentum=0.9, weight_decay=0.01)
scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=15, gamma=0.8)

for epoch in range(30):
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
        scheduler.step()  # every batch

    with torch.no_grad():
        val_loss = criterion(model(x_val), y_val)
    print(epoch, val_loss.item())
