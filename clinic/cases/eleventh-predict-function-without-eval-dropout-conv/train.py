import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))


def get_data():
    d = load_digits()
    x = torch.tensor(d.images, dtype=torch.float32).unsqueeze(1)
    x = (x - x.mean()) / x.std()
    y = torch.tensor(d.target)
    p = torch.randperm(len(y))
    return (x[p[:1400]], y[p[:1400]]), (x[p[1400:]], y[p[1400:]])


def get_model():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Dropout2d(0.4),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.6), nn.Linear(128, 10))


def train(model, x, y, x_val, y_val, epochs=14):
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(epochs):
        model.train()
        for idx in torch.randperm(len(x)).split(64):
            opt.zero_grad()
            loss = nn.functional.cross_entropy(model(x[idx]), y[idx])
            loss.backward()
            opt.step()
        print(f"epoch {epoch} loss {loss.item():.3f} accuracy {accuracy(model, x_val, y_val):.3f}")


@torch.no_grad()
def predict(model, x):
    return torch.softmax(model(x), 1)


def accuracy(model, x, y):
    return (predict(model, x).argmax(1) == y).float().mean().item()


(x, y), (x_val, y_val) = get_data()
model = get_model()
train(model, x, y, x_val, y_val)
print(f"final_metric={accuracy(model, x_val, y_val):.4f}")
