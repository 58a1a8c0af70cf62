import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

EPOCHS = 12
torch.manual_seed(int(os.environ.get("SEED", 0)))


def toy_segmentation(n, size=12):
    """Noisy images with one bright rectangle; the mask is the rectangle."""
    img, mask = 0.5 * torch.randn(n, 1, size, size), torch.zeros(n, 1, size, size)
    for k in range(n):
        a, b = torch.randint(0, size - 5, (2,)).tolist()
        h, w = torch.randint(4, 8, (2,)).tolist()
        mask[k, 0, a:a + h, b:b + w] = 1.0
    return img + mask, mask


def iou(logits, mask):
    pred = logits > 0
    inter = (pred & (mask > 0)).sum().float()
    return (inter / (pred | (mask > 0)).sum().clamp(min=1)).item()


x, m = toy_segmentation(600)
xv, mv = toy_segmentation(200)
loader = DataLoader(TensorDataset(x, m), batch_size=20, shuffle=True)
net = nn.Sequential(
    nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(),
    nn.Conv2d(12, 12, 3, padding=1), nn.ReLU(),
    nn.Conv2d(12, 1, 3, padding=1),
)
optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
scheduler = torch.optim.lr_scheduler.PolynomialLR(optimizer, total_iters=EPOCHS, power=1.0)
criterion = nn.BCEWithLogitsLoss()
for epoch in range(EPOCHS):
    net.train()
    for xb, mb in loader:
        optimizer.zero_grad()
        loss = criterion(net(xb), mb)
        loss.backward()
        optimizer.step()
        scheduler.step()
    net.eval()
    with torch.no_grad():
        score = iou(net(xv), mv)
    print(f"epoch {epoch} loss {loss.item():.4f} IoU {score:.4f}")
print(f"final_metric={score:.4f}")
