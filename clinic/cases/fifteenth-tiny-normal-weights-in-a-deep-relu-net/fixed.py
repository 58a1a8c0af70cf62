import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
x, y = load_digits(return_X_y=True)
x, y = torch.tensor((x - 4.9) / 6.0, dtype=torch.float32), torch.tensor(y)
order = torch.randperm(len(x))
x, y = x[order], y[order]


def weights_init(m):
    # from the DCGAN tutorial
    if isinstance(m, nn.Linear):
        nn.init.kaiming_normal_(m.weight.data, nonlinearity="relu")
        m.bias.data.fill_(0)


layers, width = [], 64
for k in range(8):
    layers += [nn.Linear(64, width), nn.ReLU()]
model = nn.Sequential(*layers, nn.Linear(width, 10)).apply(weights_init)
optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
for epoch in range(12):
    for k in range(0, 1400, 35):
        if k == 0:
            perm = torch.randperm(1400)
        b = perm[k:k + 35]
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x[b]), y[b])
        loss.backward()
        optimizer.step()
    print(epoch, round(loss.item(), 4))
with torch.no_grad():
    print(f"final_metric={(model(x[1400:]).argmax(1) == y[1400:]).float().mean().item():.4f}")
