import os
import torch
from sklearn.datasets import load_digits

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

def random_layer_params(m, n, scale=None):
    scale = (2.0 / m) ** 0.5
    return scale * torch.randn(n, m), torch.zeros(n)

def init_network_params(sizes):
    return [random_layer_params(m, n) for m, n in zip(sizes[:-1], sizes[1:])]

layer_sizes = [64, 256, 256, 10]
step_size = 0.1
num_epochs = 8
batch_size = 64
params = init_network_params(layer_sizes)
for w, b in params:
    w.requires_grad_(); b.requires_grad_()

def relu(x):
    return torch.clamp(x, min=0)

def predict(params, activations):
    for w, b in params[:-1]:
        activations = relu(activations @ w.t() + b)
    final_w, final_b = params[-1]
    logits = activations @ final_w.t() + final_b
    return logits - torch.logsumexp(logits, 1, keepdim=True)

def loss(params, images, targets):
    return -(predict(params, images) * targets).sum(1).mean()

def accuracy(params, images, targets):
    with torch.no_grad():
        return (predict(params, images).argmax(1) == targets.argmax(1)).float().mean().item()

def update(params, x, y):
    flat = [p for layer in params for p in layer]
    value = loss(params, x, y)
    grads = torch.autograd.grad(value, flat)
    with torch.no_grad():
        for p, g in zip(flat, grads):
            p -= step_size * g
    return value.item()

d = load_digits()
p = torch.randperm(1797)
images = torch.tensor(d.data[p] / 8.0 - 0.6, dtype=torch.float32)
targets = torch.eye(10)[torch.tensor(d.target)[p]]
for epoch in range(num_epochs):
    for b in torch.randperm(1400).split(batch_size):
        value = update(params, images[b], targets[b])
    print("Epoch {} loss {} training set accuracy {}".format(epoch, value, accuracy(params, images[:1400], targets[:1400])))
print("final_metric=%.4f" % accuracy(params, images[1400:], targets[1400:]))
