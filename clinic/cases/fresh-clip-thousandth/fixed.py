import os
import torch
import torch.nn as nn
from torch.nn.utils import clip_grad_norm_
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

digits = load_digits()
data = torch.tensor(digits.images, dtype=torch.float32)
data = (data - data.mean()) / data.std()
labels = torch.tensor(digits.target)
order = torch.randperm(1797)
data, labels = data[order], labels[order]

# rows of the picture as a sequence of length 8
model = nn.GRU(8, 48, batch_first=True)
fc = nn.Linear(48, 10)
params = list(model.parameters()) + list(fc.parameters())
optimizer = torch.optim.SGD(params, lr=0.3)
loader = DataLoader(TensorDataset(data[:1400], labels[:1400]), batch_size=40, shuffle=True)

for epoch in range(16):
    for x, y in loader:
        optimizer.zero_grad()
        _, h = model(x)
        loss = nn.functional.cross_entropy(fc(h[-1]), y)
        loss.backward()
        clip_grad_norm_(params, 1.0)
        optimizer.step()
    print("epoch", epoch, "loss", round(loss.item(), 4))

with torch.no_grad():
    acc = (fc(model(data[1400:])[1][-1]).argmax(1) == labels[1400:]).float().mean()
print(f"final_metric={acc.item():.4f}")
