import os
import torch

torch.manual_seed(int(os.environ.get("SEED", 0)))

# noisy concentric rings
n = 2000
radius = torch.where(torch.rand(n) < 0.5, 1.0, 2.0)
angle = torch.rand(n) * 2 * torch.pi
x = torch.stack([radius * angle.cos(), radius * angle.sin()], 1) + 0.15 * torch.randn(n, 2)
x = (x - x.mean(0)) / x.std(0)
y = (radius > 1.5).long()
x_train, y_train, x_test, y_test = x[:1500], y[:1500], x[1500:], y[1500:]

W1 = (torch.randn(2, 32) * (2 / 2) ** 0.5).requires_grad_()
b1 = torch.zeros(32, requires_grad=True)
W2 = (torch.randn(32, 2) * (1 / 32) ** 0.5).requires_grad_()
b2 = torch.zeros(2, requires_grad=True)
params = [W1, b1, W2, b2]


def forward(inputs):
    hidden = torch.relu(inputs @ W1 + b1)
    return hidden @ W2 + b2


lr = 0.1
for epoch in range(30):
    perm = torch.randperm(len(x_train))
    for i in range(0, len(x_train), 32):
        batch = perm[i:i + 32]
        loss = torch.nn.functional.cross_entropy(forward(x_train[batch]), y_train[batch])
        loss.backward()
        with torch.no_grad():
            for p in params:
                p -= lr * p.grad
    with torch.no_grad():
        accuracy = (forward(x_test).argmax(1) == y_test).float().mean().item()
    print(epoch, loss.item(), accuracy)
print(f"final_metric={accuracy:.4f}")
