# %% [markdown]
# Swing angle of a damped pendulum from (time, length, damping)

# %%
import os
import math
import torch
import torch.nn.functional as F

seed = int(os.environ.get("SEED", "0"))
torch.manual_seed(seed)

# %%
N = 2400
t = torch.rand(N, 1) * 4 - 2
length = torch.rand(N, 1) * 2 - 1
damp = torch.rand(N, 1) * 2 - 1
angle = torch.exp(-0.4 * (t + 2) * (damp + 1.2) / 2) * torch.cos(2.2 * (t + 2) / (length + 2).sqrt())
angle = (angle - angle.mean()) / angle.std()
inputs = torch.cat([t, length, damp], 1)
train_x, train_y, test_x, test_y = inputs[:2000], angle[:2000], inputs[2000:], angle[2000:]

# %%
sizes = [3] + [40] * 10 + [1]
weights, biases = [], []
for a, b in zip(sizes[:-1], sizes[1:]):
    weights.append((torch.randn(b, a) * math.sqrt(2 / a)).requires_grad_())
    biases.append(torch.zeros(b, requires_grad=True))


def net(x):
    for w, b in zip(weights[:-1], biases[:-1]):
        x = F.relu(F.linear(x, w, b))
    return F.linear(x, weights[-1], biases[-1])


# %%
opt = torch.optim.Adam(weights + biases, lr=1e-3)
for epoch in range(25):
    for idx in torch.randperm(2000).split(50):
        opt.zero_grad()
        loss = F.mse_loss(net(train_x[idx]), train_y[idx])
        loss.backward()
        opt.step()
    if epoch % 5 == 0:
        print(epoch, loss.item())

# %%
with torch.no_grad():
    score = 1 - F.mse_loss(net(test_x), test_y) / test_y.var()
print(f"final_metric={score.item():.4f}")
