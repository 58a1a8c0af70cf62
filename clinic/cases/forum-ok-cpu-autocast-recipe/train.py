import os
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))

def make_model(in_size, out_size, num_layers):
    layers = []
    for _ in range(num_layers - 1):
        layers.append(torch.nn.Linear(in_size, in_size))
        layers.append(torch.nn.ReLU())
    layers.append(torch.nn.Linear(in_size, out_size))
    return torch.nn.Sequential(*tuple(layers))

d = load_digits()
x = torch.tensor((d.data - d.data.mean()) / d.data.std(), dtype=torch.float32)
y = torch.tensor(d.target)
p = torch.randperm(1797); x, y = x[p], y[p]
net = make_model(64, 10, 3)
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
loss_fn = torch.nn.CrossEntropyLoss()
for epoch in range(10):
    for b in torch.randperm(1400).split(32):
        with torch.autocast(device_type="cpu", dtype=torch.bfloat16):
            output = net(x[b])
            loss = loss_fn(output, y[b])
        loss.backward()
        opt.step()
        opt.zero_grad(set_to_none=True)
    print("epoch", epoch, "loss", loss.item())
with torch.no_grad(), torch.autocast(device_type="cpu", dtype=torch.bfloat16):
    acc = (net(x[1400:]).argmax(1) == y[1400:]).float().mean().item()
print("final_metric=%.4f" % acc)
