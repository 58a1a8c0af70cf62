import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


def survey(n):
    x = torch.randn(n, 40)
    y = (x[:, :6].sum(1) + 1.5 * torch.randn(n) > 0).long()
    return x, y


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(40, 256)
        self.fc2 = nn.Linear(256, 128)
        self.fc3 = nn.Linear(128, 2)
        self.dropout = nn.Dropout(0.6)

    def forward(self, x):
        x = self.dropout(torch.relu(self.fc1(x)))
        x = self.dropout(torch.relu(self.fc2(x)))
        return self.fc3(x)


train_set = TensorDataset(*survey(350))
valid_x, valid_y = survey(2000)
loader = DataLoader(train_set, batch_size=25, shuffle=True)
model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-4)
criterion = nn.CrossEntropyLoss()


def validate():
    model.eval()
    with torch.no_grad():
        return criterion(model(valid_x), valid_y).item()


for epoch in range(18):
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
    val = validate()
    if epoch % 3 == 0:
        print(f"epoch {epoch} loss {loss.item():.4f} val {val:.4f}")
print(f"final_metric={-val:.4f}")
