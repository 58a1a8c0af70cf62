# port of my Keras model (BatchNormalization(momentum=0.999))
import os

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
x = torch.tensor(d.images, dtype=torch.float32).unsqueeze(1) / 16 - 0.3
y = torch.tensor(d.target)
p = torch.randperm(len(x))
x, y = x[p], y[p]


class ConvBN(nn.Sequential):
    def __init__(self, cin, cout):
        super().__init__(nn.Conv2d(cin, cout, 3, padding=1, bias=False), nn.BatchNorm2d(cout, momentum=0.1), nn.ReLU())


model = nn.Sequential(ConvBN(1, 16), ConvBN(16, 16), nn.MaxPool2d(2), ConvBN(16, 32), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)


def fit(epochs, batch_size=32, validation_data=None):
    for epoch in range(epochs):
        model.train()
        hist = []
        for b in torch.randperm(1400).split(batch_size):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x[b]), y[b])
            loss.backward()
            optimizer.step()
            hist.append(loss.item())
        model.eval()
        with torch.no_grad():
            out = model(validation_data[0])
            vl = F.cross_entropy(out, validation_data[1]).item()
        print(f"Epoch {epoch + 1}/{epochs} - loss: {sum(hist) / len(hist):.4f} - val_loss: {vl:.4f}")
    return (out.argmax(1) == validation_data[1]).float().mean().item()


print(f"final_metric={fit(6, validation_data=(x[1400:], y[1400:])):.4f}")
