import os
import torch
import torch.nn as nn
from torch.optim import Adam
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 1)))
d = load_digits()
X = torch.tensor(d.data / 16.0, dtype=torch.float32)
Y = torch.tensor(d.target)
p = torch.randperm(1797); X, Y = X[p], Y[p]

def overlay(x, y):
    return torch.cat([nn.functional.one_hot(y, 10).float() * x.max(), x], 1)

def get_y_neg(y):
    return (y + torch.randint(1, 10, y.shape)) % 10

class Layer(nn.Linear):
    def __init__(self, in_features, out_features, lr=0.03, threshold=2.0):
        super().__init__(in_features, out_features)
        self.relu = torch.nn.ReLU()
        self.opt = Adam(self.parameters(), lr=lr)
        self.threshold = threshold
    def forward(self, x):
        x_direction = x / (x.norm(2, 1, keepdim=True) + 1e-4)
        return self.relu(torch.mm(x_direction, self.weight.T) + self.bias.unsqueeze(0))
    def train_step(self, x_pos, x_neg):
        g_pos = self.forward(x_pos).pow(2).mean(1)
        g_neg = self.forward(x_neg).pow(2).mean(1)
        loss = torch.log(1 + torch.exp(torch.cat([-g_pos + self.threshold, g_neg - self.threshold]))).mean()
        self.opt.zero_grad()
        loss.backward()
        self.opt.step()
        return loss.item()

class Net(nn.Module):
    def __init__(self, dims):
        super().__init__()
        self.layers = nn.ModuleList([Layer(dims[i], dims[i + 1]) for i in range(len(dims) - 1)])
    def predict(self, x):
        goodness = []
        for label in range(10):
            h = overlay(x, torch.full((len(x),), label))
            g = []
            for layer in self.layers:
                h = layer(h)
                g.append(h.pow(2).mean(1))
            goodness.append(sum(g).unsqueeze(1))
        return torch.cat(goodness, 1).argmax(1)

net = Net([74, 200, 200])
for epoch in range(60):
    losses = [0., 0.]
    for b in torch.randperm(1400).split(100):
        h_pos, h_neg = overlay(X[b], Y[b]), overlay(X[b], get_y_neg(Y[b]))
        for i, layer in enumerate(net.layers):
            losses[i] += layer.train_step(h_pos, h_neg) / 14
            with torch.no_grad():
                h_pos, h_neg = layer(h_pos), layer(h_neg)
    if epoch % 10 == 9:
        print("epoch", epoch + 1, "layer losses", losses)
with torch.no_grad():
    print("final_metric=%.4f" % (net.predict(X[1400:]) == Y[1400:]).float().mean().item())
