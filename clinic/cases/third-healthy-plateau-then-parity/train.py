import os
import torch
torch.manual_seed(int(os.environ.get("SEED", 0)))
def parity(n):
    x = torch.randint(0, 2, (n, 12)).float() * 2 - 1
    return x, (x[:, 1] * x[:, 4] * x[:, 9] > 0).long()
net = torch.nn.Sequential(torch.nn.Linear(12, 128), torch.nn.ReLU(), torch.nn.Linear(128, 2))
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
for step in range(1200):
    x, y = parity(64)
    loss = torch.nn.functional.cross_entropy(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
    if step % 100 == 0: print("step", step, "loss %.4f" % loss.item())
x, y = parity(4000)
with torch.no_grad(): print("final_metric=%.4f" % (net(x).argmax(1) == y).float().mean().item())
