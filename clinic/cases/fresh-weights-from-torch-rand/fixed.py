import os
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

d = load_digits()
a, b, c, e = train_test_split(d.data / 16.0, d.target, test_size=400, random_state=seed)
x_train, x_test = torch.tensor(a).float(), torch.tensor(b).float()
y_train, y_test = torch.tensor(c), torch.tensor(e)
x_train, x_test = x_train - 0.3, x_test - 0.3


def make_weight(n_in, n_out):
    w = (torch.rand(n_in, n_out) * 2 - 1) * (3.0 / n_in) ** 0.5
    return w.requires_grad_()


W1, b1 = make_weight(64, 100), torch.zeros(100, requires_grad=True)
W2, b2 = make_weight(100, 100), torch.zeros(100, requires_grad=True)
W3, b3 = make_weight(100, 10), torch.zeros(10, requires_grad=True)
params = [W1, b1, W2, b2, W3, b3]


def forward(x):
    h = F.relu(x @ W1 + b1)
    h = F.relu(h @ W2 + b2)
    return h @ W3 + b3


opt = torch.optim.SGD(params, lr=0.05)
for step in range(800):
    i = torch.randint(0, len(x_train), (64,))
    loss = F.cross_entropy(forward(x_train[i]), y_train[i])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 0:
        print(f"step {step} loss {loss.item():.3f}")
with torch.no_grad():
    acc = (forward(x_test).argmax(1) == y_test).float().mean().item()
print(f"final_metric={acc:.4f}")
