import os
import torch
import torch.nn as nn

# calibrate a three-axis sensor: the true map is affine and the data are exact
torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.rand(256, 3) * 2 - 1
mix = torch.tensor([[1.1, 0.05, -0.02], [0.03, 0.9, 0.04], [-0.06, 0.01, 1.3]])
offset = torch.tensor([0.2, -0.1, 0.4])
y = x @ mix.T + offset
x_test = torch.rand(200, 3) * 2 - 1
y_test = x_test @ mix.T + offset

net = nn.Linear(3, 3)
opt = torch.optim.SGD(net.parameters(), lr=0.5, momentum=0.5)
for i in range(400):
    opt.zero_grad()
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()
    opt.step()
    if i % 50 == 0:
        g = sum(p.grad.norm() ** 2 for p in net.parameters()) ** 0.5
        print(i, loss.item(), "grad norm", g.item())
with torch.no_grad():
    r2 = 1 - nn.functional.mse_loss(net(x_test), y_test) / y_test.var()
print(f"final_metric={r2.item():.6f}")
