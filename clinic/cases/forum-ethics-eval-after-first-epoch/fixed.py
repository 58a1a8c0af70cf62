import os
import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed); rng = np.random.RandomState(seed)
V, L = 300, 20
good, bad = rng.choice(V, 40, replace=False).reshape(2, 20)

def statements(n):
    X = rng.randint(0, V, (n, L)); y = rng.randint(0, 2, n)
    for i in range(n):
        k = rng.randint(3, 6)
        X[i, rng.choice(L, k, replace=False)] = rng.choice(good if y[i] else bad, k)
        if rng.rand() < .5:
            X[i, rng.randint(L)] = rng.choice(bad if y[i] else good)
    return torch.tensor(X), torch.tensor(y)

class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(V, 64)
        body = []
        for _ in range(8):
            body += [nn.Linear(64, 64, bias=False), nn.BatchNorm1d(64), nn.ReLU()]
        self.net = nn.Sequential(*body, nn.Dropout(.1), nn.Linear(64, 2))
    def forward(self, x):
        return self.net(self.emb(x).mean(1))

def evaluate(model, X, y):
    model.eval()
    with torch.no_grad():
        return (model(X).argmax(1) == y).float().mean().item()

def flatten_grad_step(model, optimizer, x, y):
    loss = nn.functional.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()

Xtr, ytr = statements(2400); Xte, yte = statements(1500)
model = Encoder()
optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
print("before training", evaluate(model, Xte, yte))
for epoch in range(6):
    model.train()
    for b in torch.randperm(2400).split(40):
        loss = flatten_grad_step(model, optimizer, Xtr[b], ytr[b])
    acc = evaluate(model, Xte, yte)
    print("epoch", epoch, "loss %.4f test acc %.4f" % (loss, acc))
print("final_metric=%.4f" % acc)
