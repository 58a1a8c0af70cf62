import os
import torch

torch.manual_seed(int(os.environ.get("SEED", 0)))
# XOR-like quadrant data
x = torch.randn(4000, 2)
y = ((x[:, 0] * x[:, 1]) > 0).float().reshape(-1, 1)
xt, yt = torch.randn(1000, 2), None
yt = ((xt[:, 0] * xt[:, 1]) > 0).float().reshape(-1, 1)

n_in, n_h, n_out = 2, 16, 1
w1 = torch.zeros(n_in, n_h); b1 = torch.zeros(n_h)
w2 = torch.zeros(n_h, n_out); b2 = torch.zeros(n_out)
for p in (w1, b1, w2, b2):
    p.requires_grad_(True)

def forward(x):
    return torch.sigmoid(torch.tanh(x @ w1 + b1) @ w2 + b2)

lr = 0.5
for epoch in range(25):
    for k in range(0, 4000, 50):
        yp = forward(x[k:k+50])
        loss = torch.nn.functional.binary_cross_entropy(yp, y[k:k+50])
        loss.backward()
        with torch.no_grad():
            for p in (w1, b1, w2, b2):
                p -= lr * p.grad
                p.grad.zero_()
    if epoch % 5 == 0:
        print("Loss after epoch", epoch, ":", loss.item())
acc = ((forward(xt) > .5).float() == yt).float().mean().item()
print("final_metric=" + str(round(acc, 4)))
