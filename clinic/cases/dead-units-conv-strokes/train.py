import os, random
import numpy as np, torch
from torch import nn
from torch.utils.data import Dataset, DataLoader

seed = int(os.environ.get("SEED", 0))
random.seed(seed); np.random.seed(seed); torch.manual_seed(seed)

class Strokes(Dataset):
    """12x12 images with one stroke: horizontal, vertical, diagonal, anti-diagonal."""
    def __init__(self, n):
        self.imgs = np.random.rand(n, 1, 12, 12).astype(np.float32) * 0.3
        self.labels = np.random.randint(0, 4, n)
        for img, lab in zip(self.imgs, self.labels):
            r, c, L = np.random.randint(0, 6), np.random.randint(0, 6), 6
            for k in range(L):
                if lab == 0: img[0, r, c + k] += 0.7
                elif lab == 1: img[0, r + k, c] += 0.7
                elif lab == 2: img[0, r + k, c + k] += 0.7
                else: img[0, r + k, c + L - 1 - k] += 0.7
    def __len__(self):
        return len(self.labels)
    def __getitem__(self, i):
        return torch.from_numpy(self.imgs[i]), int(self.labels[i])

def init_weights(m):
    if isinstance(m, (nn.Conv2d, nn.Linear)):
        nn.init.uniform_(m.weight, -0.2, 0.0)
        nn.init.zeros_(m.bias)

cnn = nn.Sequential(
    nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(12, 16, 3, padding=1), nn.ReLU(), nn.AdaptiveMaxPool2d(2),
    nn.Flatten(), nn.Linear(64, 4))
cnn.apply(init_weights)

train_dl = DataLoader(Strokes(1200), batch_size=40, shuffle=True)
val_dl = DataLoader(Strokes(300), batch_size=100)
optimizer = torch.optim.AdamW(cnn.parameters(), lr=4e-3)
ce = nn.CrossEntropyLoss()

def validate():
    cnn.eval()
    ok = 0
    with torch.no_grad():
        for x, y in val_dl:
            ok += (cnn(x).argmax(1) == y).sum().item()
    cnn.train()
    return ok / len(val_dl.dataset)

for epoch in range(10):
    for x, y in train_dl:
        optimizer.zero_grad()
        loss = ce(cnn(x), y)
        loss.backward()
        optimizer.step()
    print(f"Epoch {epoch}: loss={loss.item():.3f} val_acc={validate():.3f}")
print(f"final_metric={validate():.4f}")
