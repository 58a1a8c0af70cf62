import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


def waves(n, length=64):
    kind = torch.randint(0, 3, (n,))
    t = torch.linspace(0, 1, length)
    freq = 3 + 4 * torch.rand(n, 1)
    phase = 6.28 * torch.rand(n, 1)
    s = torch.sin(6.28 * freq * t + phase)
    saw = 2 * ((freq * t + phase) % 1) - 1
    out = torch.where(kind[:, None] == 0, s, torch.where(kind[:, None] == 1, s.sign(), 1.6 * saw))
    return (out + 0.3 * torch.randn(n, length)).unsqueeze(1), kind


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv1d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv1d(6, 4, 5, padding=2)

    def forward(self, x):
        h = torch.relu(self.conv1(x))
        return torch.relu(self.conv2(h)).mean(-1)


encoder = Encoder()
classifier = nn.Linear(4, 3)
optimizer = torch.optim.Adam(classifier.parameters(), lr=5e-3)
criterion = nn.CrossEntropyLoss()
train = DataLoader(TensorDataset(*waves(2000)), batch_size=40, shuffle=True)
Xv, yv = waves(600)
for epoch in range(12):
    running = 0.0
    for x, y in train:
        optimizer.zero_grad()
        loss = criterion(classifier(encoder(x)), y)
        loss.backward()
        optimizer.step()
        running += loss.item()
    print(f"[{epoch}] {running / len(train):.3f}")
with torch.no_grad():
    acc = (classifier(encoder(Xv)).argmax(1) == yv).float().mean().item()
print(f"final_metric={acc:.4f}")
