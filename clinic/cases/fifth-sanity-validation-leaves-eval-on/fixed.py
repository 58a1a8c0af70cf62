import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get('SEED', 0)))


class ConvBN(nn.Sequential):
    def __init__(self, i, o, s=1):
        super().__init__(nn.Conv2d(i, o, 3, stride=s, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU())


class Net(nn.Module):
    def __init__(self, w=10):
        super().__init__()
        self.f = nn.Sequential(ConvBN(1, w), ConvBN(w, w), ConvBN(w, 2 * w, 2), ConvBN(2 * w, 2 * w), ConvBN(2 * w, 2 * w),
                               ConvBN(2 * w, 2 * w, 2), ConvBN(2 * w, 2 * w), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.fc = nn.Linear(2 * w, 10)

    def forward(self, x):
        return self.fc(self.f(x))


class Trainer:
    def __init__(self, model, train, val, lr, epochs):
        self.model, self.train_data, self.val_data, self.epochs = model, train, val, epochs
        self.opt = torch.optim.SGD(model.parameters(), lr=lr, momentum=.9, weight_decay=5e-4)

    @torch.no_grad()
    def evaluate(self, limit=None):
        self.model.eval()
        x, y = (t[:limit] for t in self.val_data)
        o = self.model(x)
        return nn.functional.cross_entropy(o, y).item(), (o.argmax(1) == y).float().mean().item()

    def fit(self):
        print('sanity check', self.evaluate(limit=64))
        x, y = self.train_data
        for e in range(self.epochs):
            self.model.train()
            total = 0.
            for b in torch.randperm(len(x)).split(40):
                loss = nn.functional.cross_entropy(self.model(x[b]), y[b])
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
                total += loss.item() * len(b) / len(x)
            v, self.acc = self.evaluate()
            print(f'epoch {e} train {total:.4f} val {v:.4f} acc {self.acc:.4f}')


d = load_digits()
x = torch.tensor(d.images, dtype=torch.float32)[:, None]
x = (x - x.mean()) / x.std()
y = torch.tensor(d.target)
p = torch.randperm(len(x))
t = Trainer(Net(), (x[p[:1400]], y[p[:1400]]), (x[p[1400:]], y[p[1400:]]), lr=.02, epochs=5)
t.fit()
print(f'final_metric={t.acc:.4f}')
