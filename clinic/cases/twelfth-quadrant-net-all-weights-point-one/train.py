import os
import torch

torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.randn(2400, 2)
quadrant = (x[:, 0] > 0).long() * 2 + (x[:, 1] > 0).long()
xtr, ytr, xte, yte = x[:1800], quadrant[:1800], x[1800:], quadrant[1800:]

net = torch.nn.Sequential(
    torch.nn.Linear(2, 24),
    torch.nn.Tanh(),
    torch.nn.Linear(24, 24),
    torch.nn.Tanh(),
    torch.nn.Linear(24, 4),
)
# reproducible starting point
with torch.no_grad():
    for layer in net:
        if hasattr(layer, "weight"):
            layer.weight.fill_(0.1)
            layer.bias.zero_()

loss_function = torch.nn.CrossEntropyLoss()
optimiser = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(1, 16):
    for rows in torch.randperm(1800).split(45):
        optimiser.zero_grad()
        loss = loss_function(net(xtr[rows]), ytr[rows])
        loss.backward()
        optimiser.step()
    if epoch % 3 == 0:
        print("epoch", epoch, "loss", loss.item())
with torch.no_grad():
    accuracy = (net(xte).argmax(1) == yte).float().mean().item()
print(f"final_metric={accuracy:.4f}")
