import os
import torch
from torch import nn


class Data:
    def __init__(self, seed):
        g = torch.Generator().manual_seed(seed)
        self.centres = 1.3 * torch.randn(24, 10, generator=g)
        self.kind = torch.arange(24) % 4
        self.train = self.sample(3000, g)
        self.valid = self.sample(800, g)

    def sample(self, n, g):
        k = torch.randint(0, 24, (n,), generator=g)
        return (self.centres[k] + 0.5 * torch.randn(n, 10, generator=g)) / 1.4, self.kind[k]


def tower(n_in, width, depth, n_out):
    layers = []
    for i in range(depth):
        layers += [nn.Linear(n_in if i == 0 else width, width), nn.BatchNorm1d(width), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(width, n_out))


class Trainer:
    def __init__(self, net, data, lr=0.02, batch=50):
        self.net, self.data, self.batch = net, data, batch
        self.loss = nn.CrossEntropyLoss()
        self.opt = torch.optim.SGD(net.parameters(), lr=lr, momentum=0.9)
        self.best = 0.0

    def score(self):
        self.net.eval()
        x, y = self.data.valid
        with torch.no_grad():
            acc = (self.net(x).argmax(1) == y).float().mean().item()
        self.net.train()
        return acc

    def epoch(self):
        x, y = self.data.train
        for idx in torch.randperm(len(x)).split(self.batch):
            self.opt.zero_grad()
            l = self.loss(self.net(x[idx]), y[idx])
            l.backward()
            nn.utils.clip_grad_norm_(self.net.parameters(), 20.0)
            self.opt.step()
        return l.item()

    def fit(self, epochs):
        print("start", self.score())
        for e in range(epochs):
            loss = self.epoch()
            acc = self.score()
            print(f"{e:2d} {loss:.4f} {acc:.4f}")
        return acc


if __name__ == "__main__":
    seed = int(os.environ.get("SEED", 0))
    torch.manual_seed(seed)
    acc = Trainer(tower(10, 48, 10, 4), Data(seed)).fit(10)
    print(f"final_metric={acc:.4f}")
