import os
import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
rng = np.random.RandomState(seed)
torch.manual_seed(seed)

# noisy XOR in 2-d plus two distractor inputs
x = rng.uniform(-1.7, 1.7, size=(1200, 4))
t = ((x[:, 0] > 0) ^ (x[:, 1] > 0)).astype(np.float32)
x = torch.tensor(x, dtype=torch.float32)
t = torch.tensor(t)
x_train, t_train, x_val, t_val = x[:900], t[:900], x[900:], t[900:]


class TwoLayerNet(nn.Module):
    def __init__(self, n_in, n_hidden):
        super().__init__()
        self.W1 = nn.Parameter(torch.randn(n_in, n_hidden) / n_in ** 0.5)
        self.b1 = nn.Parameter(torch.zeros(n_hidden))
        self.W2 = nn.Parameter(torch.randn(n_hidden, 1) / n_hidden ** 0.5)
        self.b2 = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        h = torch.sigmoid(x @ self.W1 + self.b1)
        return (h @ self.W2 + self.b2)[:, 0]


net = TwoLayerNet(4, 30)
loss_fn = nn.BCEWithLogitsLoss()
opt = torch.optim.Adam(net.parameters(), lr=0.03)

for it in range(1200):
    opt.zero_grad()
    loss = loss_fn(net(x_train), t_train)
    loss.backward()
    opt.step()
    if it % 200 == 199:
        with torch.no_grad():
            logits = net(x_val)
            acc = ((logits > 0).float() == t_val).float().mean().item()
            print(it + 1, "train", round(loss.item(), 4), "val", round(loss_fn(logits, t_val).item(), 4), "acc", round(acc, 3))

print(f"final_metric={acc:.4f}")
