import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import load_digits

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
d = load_digits()
X = torch.tensor(d.images / 8.0 - 0.6).float().unsqueeze(1)
y = torch.tensor(d.target)
p = torch.randperm(len(y))
loader = DataLoader(TensorDataset(X[p[:1400]], y[p[:1400]]), batch_size=28, shuffle=True)
Xv, yv = X[p[1400:]], y[p[1400:]]
cnn = nn.Sequential(nn.Conv2d(1, 12, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(108, 48), nn.ReLU(), nn.Linear(48, 10))
optimizer = torch.optim.SGD(cnn.parameters(), lr=0.01, momentum=0.999, nesterov=True)
for epoch in range(8):
    cnn.train()
    for images, digits in loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(cnn(images), digits)
        loss.backward()
        optimizer.step()
    cnn.eval()
    with torch.no_grad():
        acc = (cnn(Xv).argmax(1) == yv).float().mean().item()
    print(f"epoch {epoch}, loss {loss.item():.3f}, accuracy {acc:.3f}")
print(f"final_metric={acc:.4f}")
