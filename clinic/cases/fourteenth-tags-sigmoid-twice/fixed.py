import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
TAGS = 6
mix = torch.randn(15, TAGS) / 15 ** 0.5


def articles(n):
    x = torch.randn(n, 15)
    score = 4 * torch.sin(1.5 * x @ mix) + x[:, :TAGS]
    return x, (score > 0.3).float()


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(15, 96)
        self.fc2 = nn.Linear(96, 96)
        self.out = nn.Linear(96, TAGS)
        self.act = nn.ReLU()

    def forward(self, x):
        x = self.act(self.fc1(x))
        x = self.act(self.fc2(x))
        return self.out(x)


loader = DataLoader(TensorDataset(*articles(6000)), batch_size=64, shuffle=True)
xv, yv = articles(2000)
model = Tagger()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(8):
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        val = criterion(model(xv), yv).item()
    print(f"epoch {epoch} loss {loss.item():.4f} val {val:.4f}")
rate = yv.mean(0)
prior = -(rate * rate.log() + (1 - rate) * (1 - rate).log()).mean().item()
print(f"final_metric={1 - val / prior:.4f}")
