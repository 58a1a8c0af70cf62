import os
import torch

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

N, D, H = 1000, 4, 40
x = torch.rand(N, D) * 2 - 1
y = (torch.sin(3 * x[:, 0]) + x[:, 1] * x[:, 2] * 2).unsqueeze(1)
x_tr, y_tr, x_va, y_va = x[:700], y[:700], x[700:], y[700:]


def init(rows, cols):
    return torch.randn(rows, cols) * 0.2


w1 = init(D, H).requires_grad_()
b1 = torch.zeros(H, requires_grad=True)
w2 = init(H, 1).requires_grad_()
b2 = torch.zeros(1, requires_grad=True)


def model(inp):
    return torch.tanh(inp @ w1 + b1) @ w2 + b2


optimizer = torch.optim.Adam([w1, b1, w2, b2], lr=0.02)
for epoch in range(800):
    k = torch.randint(0, 700, (64,))
    loss = ((model(x_tr[k]) - y_tr[k]) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 100 == 0:
        print(epoch, "%.4f" % loss.item())
with torch.no_grad():
    r2 = 1 - ((model(x_va) - y_va) ** 2).mean() / y_va.var()
print(f"final_metric={r2.item():.4f}")
