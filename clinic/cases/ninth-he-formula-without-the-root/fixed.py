import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset


class MLP(nn.Module):
    def __init__(self, dims):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(dims, dims[1:]))
        for layer in self.layers:
            fan_in = layer.weight.size(1)
            nn.init.normal_(layer.weight, 0.0, (2.0 / fan_in) ** 0.5)
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = torch.relu(layer(x))
        return self.layers[-1](x)


class Trainer:
    def __init__(self, model, train, valid, lr):
        self.model, self.train_dl, self.valid_dl = model, train, valid
        self.opt = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
        self.crit = nn.CrossEntropyLoss()

    def fit(self, epochs):
        for e in range(epochs):
            self.model.train()
            total = 0.0
            for xb, yb in self.train_dl:
                loss = self.crit(self.model(xb), yb)
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
                total += loss.item()
            print(f"epoch {e} train_loss {total / len(self.train_dl):.4f} valid_acc {self.score():.4f}")

    @torch.no_grad()
    def score(self):
        self.model.eval()
        hit = sum((self.model(xb).argmax(1) == yb).sum().item() for xb, yb in self.valid_dl)
        return hit / len(self.valid_dl.dataset)


seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
w = torch.randn(8, 20)
x = torch.randn(4000, 20)
y = (torch.tanh(x @ w.T) @ torch.randn(8, 4)).argmax(1)
tr = DataLoader(TensorDataset(x[:3400], y[:3400]), batch_size=50, shuffle=True)
va = DataLoader(TensorDataset(x[3400:], y[3400:]), batch_size=200)
t = Trainer(MLP([20, 100, 100, 100, 100, 100, 4]), tr, va, lr=0.02)
t.fit(8)
print(f"final_metric={t.score():.4f}")
