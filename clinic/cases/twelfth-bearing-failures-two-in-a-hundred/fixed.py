import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


def machines(n, share=0.02):
    y = (torch.rand(n) < share).long()
    x = torch.randn(n, 10)
    x[:, :4] += 0.9 * y[:, None]
    return x, y


xtr, ytr = machines(6000)
xte, yte = machines(6000)
loader = DataLoader(TensorDataset(xtr, ytr), batch_size=64, shuffle=True)
model = nn.Sequential(nn.Linear(10, 24), nn.ReLU(), nn.Linear(24, 2))
criterion = nn.CrossEntropyLoss(weight=torch.tensor([1.0, 49.0]))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(6):
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        pred = model(xte).argmax(1)
    recalls = [(pred[yte == c] == c).float().mean().item() for c in (0, 1)]
    print(epoch, "accuracy", (pred == yte).float().mean().item(), "recalls", recalls)
print(f"final_metric={sum(recalls) / 2:.4f}")
