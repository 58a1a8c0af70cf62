import os
import numpy as np
import torch
from torch import nn, optim
import torch.nn.functional as F
from torch.utils.data import TensorDataset, DataLoader
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
idx = torch.randperm(1797)
x, y = torch.tensor(d.data / 16, dtype=torch.float32)[idx], torch.tensor(d.target)[idx]
train_ds, valid_ds = TensorDataset(x[:1400], y[:1400]), TensorDataset(x[1400:], y[1400:])
bs = 64

def get_data(train_ds, valid_ds, bs):
    return DataLoader(train_ds, batch_size=bs, shuffle=True), DataLoader(valid_ds, batch_size=bs * 2)

class Lambda(nn.Module):
    def __init__(self, func):
        super().__init__()
        self.func = func
    def forward(self, x):
        return self.func(x)

def preprocess(x, y):
    return x.view(-1, 1, 8, 8), y

class WrappedDataLoader:
    def __init__(self, dl, func):
        self.dl, self.func = dl, func
    def __len__(self):
        return len(self.dl)
    def __iter__(self):
        for b in self.dl:
            yield (self.func(*b))

def loss_batch(model, loss_func, xb, yb, opt=None):
    loss = loss_func(model(xb), yb)
    if opt is not None:
        loss.backward()
        opt.step()
        opt.zero_grad()
    return loss.item(), len(xb)

def fit(epochs, model, loss_func, opt, train_dl, valid_dl):
    for epoch in range(epochs):
        model.train()
        for xb, yb in train_dl:
            loss_batch(model, loss_func, xb, yb, opt)
        model.eval()
        with torch.no_grad():
            losses, nums = zip(*[loss_batch(model, loss_func, xb, yb) for xb, yb in valid_dl])
        print(epoch, np.sum(np.multiply(losses, nums)) / np.sum(nums))

model = nn.Sequential(
    nn.Conv2d(1, 16, kernel_size=3, stride=1, padding=1), nn.ReLU(),
    nn.Conv2d(16, 16, kernel_size=3, stride=2, padding=1), nn.ReLU(),
    nn.Conv2d(16, 10, kernel_size=3, stride=2, padding=1),
    nn.AdaptiveAvgPool2d(1),
    Lambda(lambda x: x.view(x.size(0), -1)),
)
train_dl, valid_dl = get_data(train_ds, valid_ds, bs)
train_dl, valid_dl = WrappedDataLoader(train_dl, preprocess), WrappedDataLoader(valid_dl, preprocess)
opt = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
fit(16, model, F.cross_entropy, opt, train_dl, valid_dl)
model.eval()
with torch.no_grad():
    acc = np.mean(np.concatenate([(model(xb).argmax(1) == yb).numpy() for xb, yb in valid_dl]))
print("final_metric=%.4f" % acc)
