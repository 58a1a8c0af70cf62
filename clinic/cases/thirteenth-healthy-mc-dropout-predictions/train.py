import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
x = torch.tensor(d.data, dtype=torch.float32)
x = (x - x.mean()) / x.std()
y = torch.tensor(d.target)
p = torch.randperm(len(y))
tr, te = p[:1400], p[1400:]
net = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Dropout(0.2), nn.Linear(96, 10))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)


def mc_predict(model, inputs, passes=30):
    """Mean and standard deviation of the class probabilities under dropout."""
    model.train()
    with torch.no_grad():
        probs = torch.stack([model(inputs).softmax(1) for _ in range(passes)])
    return probs.mean(0), probs.std(0)


for epoch in range(12):
    net.train()
    for b in tr[torch.randperm(len(tr))].split(32):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x[b]), y[b])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        acc = (net(x[te]).argmax(1) == y[te]).float().mean().item()
    print(epoch, loss.item(), acc)
mean, std = mc_predict(net, x[te])
print("uncertainty", std.mean().item())
print(f"final_metric={(mean.argmax(1) == y[te]).float().mean().item():.4f}")
