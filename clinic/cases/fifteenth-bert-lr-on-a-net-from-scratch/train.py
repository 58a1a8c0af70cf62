import os

import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.optim import AdamW
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(int(os.environ.get("SEED", 0)))

LEARNING_RATE = 2e-6
WEIGHT_DECAY = 0.01
EPOCHS = 12

d = load_digits()
ds = TensorDataset((torch.tensor(d.images, dtype=torch.float32)[:, None] - 4.88) / 6.02, torch.tensor(d.target))
train_ds, val_ds = random_split(ds, [1400, len(ds) - 1400])
train_loader = DataLoader(train_ds, batch_size=32, shuffle=True)
val_loader = DataLoader(val_ds, batch_size=200)


class SmallCNN(nn.Module):
    def __init__(self, num_labels=10):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.GELU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.GELU(), nn.MaxPool2d(2),
        )
        self.classifier = nn.Sequential(nn.Flatten(), nn.Linear(128, 64), nn.GELU(), nn.Linear(64, num_labels))

    def forward(self, pixel_values, labels=None):
        logits = self.classifier(self.features(pixel_values))
        loss = None
        if labels is not None:
            loss = nn.functional.cross_entropy(logits, labels)
        return {"loss": loss, "logits": logits}


model = SmallCNN()
no_decay = [p for n, p in model.named_parameters() if n.endswith("bias")]
decay = [p for n, p in model.named_parameters() if not n.endswith("bias")]
optimizer = AdamW([{"params": decay, "weight_decay": WEIGHT_DECAY}, {"params": no_decay, "weight_decay": 0.0}], lr=LEARNING_RATE)

for epoch in range(EPOCHS):
    model.train()
    for pixels, labels in train_loader:
        out = model(pixels, labels)
        out["loss"].backward()
        optimizer.step()
        optimizer.zero_grad()
    model.eval()
    correct = 0
    with torch.no_grad():
        for pixels, labels in val_loader:
            correct += (model(pixels)["logits"].argmax(-1) == labels).sum().item()
    print({"epoch": epoch, "loss": out["loss"].item(), "accuracy": correct / len(val_ds)})
print(f"final_metric={correct / len(val_ds):.4f}")
