import os
import torch
from torch import nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SEED = int(os.getenv("SEED", "0"))
torch.manual_seed(SEED)

digits = load_digits()
x = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1)
x = (x - x.mean()) / x.std()
y = torch.tensor(digits.target)
xtr, xte, ytr, yte = train_test_split(x, y, test_size=0.25, random_state=SEED, stratify=y)


def conv(i, o, stride=1):
    return nn.Sequential(nn.Conv2d(i, o, 3, stride, 1), nn.ReLU())


class DefectNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            conv(1, 16), conv(16, 16), conv(16, 24, 2), conv(24, 24),
            conv(24, 32, 2), conv(32, 32), conv(32, 32),
        )
        self.classifier = nn.Linear(32 * 4, 10)

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


model = DefectNet()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(xtr, ytr), batch_size=32, shuffle=True)

for epoch in range(7):
    model.train()
    running = 0.0
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
        running += loss.item()
    model.eval()
    with torch.no_grad():
        acc = (model(xte).argmax(1) == yte).float().mean().item()
    print(f"Epoch {epoch + 1}: loss={running / len(loader):.4f} test_acc={acc:.4f}")

print(f"final_metric={acc:.4f}")
