import os
import numpy as np, torch
seed = int(os.environ.get("SEED", 0)); rs = np.random.RandomState(seed); torch.manual_seed(seed)
def spiral(n):
    k = rs.randint(0, 2, n); r = rs.uniform(.1, 1, n); a = 6 * r + np.pi * k + .1 * rs.randn(n)
    return torch.tensor(np.c_[r * np.cos(a), r * np.sin(a)] / .42, dtype=torch.float32), torch.tensor(k)
HIDDEN = 2
net = torch.nn.Sequential(torch.nn.Linear(2, HIDDEN), torch.nn.Tanh(), torch.nn.Linear(HIDDEN, HIDDEN), torch.nn.Tanh(), torch.nn.Linear(HIDDEN, 2))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for i in range(1500):
    x, k = spiral(64)
    loss = torch.nn.functional.cross_entropy(net(x), k)
    opt.zero_grad(); loss.backward(); opt.step()
    if i % 250 == 0: print("iteration %d, loss %.3f" % (i, loss.item()))
x, k = spiral(3000)
with torch.no_grad(): print("final_metric=%.4f" % (net(x).argmax(1) == k).float().mean().item())
