import os
import torch
from torch import nn
from sklearn.datasets import load_iris

torch.manual_seed(int(os.environ.get("SEED", 0)))

iris = load_iris()
x = torch.tensor(iris.data, dtype=torch.float32)
y = torch.tensor(iris.target)
rows = torch.arange(150)

n_train = 100
tr, va = rows[:n_train], rows[n_train:]
x = (x - x[tr].mean(0)) / x[tr].std(0)

net = nn.Sequential(
    nn.Linear(4, 16),
    nn.Tanh(),
    nn.Linear(16, 3),
)
loss_function = nn.CrossEntropyLoss()
sgd = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.8)

history = []
for step in range(600):
    batch = tr[torch.randint(0, n_train, (25,))]
    loss = loss_function(net(x[batch]), y[batch])
    sgd.zero_grad()
    loss.backward()
    sgd.step()
    if step % 50 == 49:
        with torch.no_grad():
            net.eval()
            p = net(x[va])
            history.append((loss.item(), loss_function(p, y[va]).item()))
            accuracy = (p.argmax(1) == y[va]).float().mean().item()
            net.train()

for a, b in history:
    print("train", round(a, 4), "validation", round(b, 4))
print("final_metric=" + str(round(accuracy, 4)))
