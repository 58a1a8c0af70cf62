import os
import math
import torch

torch.manual_seed(int(os.environ.get("SEED", 0)))
torch.set_default_dtype(torch.float64)
x = torch.linspace(-1, 1, 200).unsqueeze(1)
f = lambda x: torch.exp(-3 * x ** 2) * torch.sin(2 * math.pi * x)
y = f(x)
y = y / y.std()
net = torch.nn.Sequential(torch.nn.Linear(1, 20), torch.nn.Tanh(), torch.nn.Linear(20, 20), torch.nn.Tanh(), torch.nn.Linear(20, 1))
xin = x / x.std()
opt = torch.optim.LBFGS(net.parameters(), lr=1.0, max_iter=10, history_size=20, line_search_fn="strong_wolfe")


def closure():
    opt.zero_grad()
    loss = torch.nn.functional.mse_loss(net(xin), y)
    loss.backward()
    return loss


for k in range(40):
    loss = opt.step(closure)
    if k % 8 == 7:
        print(k + 1, loss.item())
with torch.no_grad():
    r2 = 1 - torch.nn.functional.mse_loss(net(xin), y) / y.var()
print(f"final_metric={r2.item():.4f}")
