import os
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

torch.manual_seed(int(os.environ.get("SEED", 0)))
data, target = load_digits(return_X_y=True)
a, b, ta, tb = train_test_split(data / 16 - 0.3, target, test_size=0.25, random_state=int(os.environ.get("SEED", 0)))
a, b = torch.tensor(a, dtype=torch.float32), torch.tensor(b, dtype=torch.float32)
ta, tb = torch.tensor(ta), torch.tensor(tb)

W1 = torch.zeros(64, 48, requires_grad=True)
b1 = torch.zeros(48, requires_grad=True)
W2 = torch.zeros(48, 10, requires_grad=True)
b2 = torch.zeros(10, requires_grad=True)
params = [W1, b1, W2, b2]


def forward(x):
    return torch.tanh(x @ W1 + b1) @ W2 + b2


optimizer = torch.optim.SGD(params, lr=0.2)
for epoch in range(20):
    for idx in torch.randperm(len(a)).split(32):
        loss = F.cross_entropy(forward(a[idx]), ta[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 4 == 0:
        print(epoch, round(loss.item(), 4))
with torch.no_grad():
    print(f"final_metric={(forward(b).argmax(1) == tb).float().mean().item():.4f}")
