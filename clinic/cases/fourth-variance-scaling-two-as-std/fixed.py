import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def he_like(module):
    if isinstance(module, nn.Linear):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        nn.init.zeros_(module.bias)


class DeepSets(nn.Module):
    def __init__(self, d=64, classes=4):
        super().__init__()
        self.phi = nn.Sequential(nn.Linear(2, d), nn.ReLU(), nn.Linear(d, d), nn.ReLU(), nn.Linear(d, d))
        self.rho = nn.Sequential(nn.ReLU(), nn.Linear(d, d), nn.ReLU(), nn.Linear(d, classes))
        self.apply(he_like)

    def forward(self, points):
        return self.rho(self.phi(points).mean(dim=1))


def clouds(n, m=20):
    kind = torch.randint(4, (n,))
    phi = torch.rand(n, m) * 6.2832
    r = torch.where((kind % 2 == 0)[:, None], torch.ones(n, m), torch.rand(n, m).sqrt() * 1.25)
    squash = torch.where((kind < 2), 1.0, 0.72)[:, None]
    x = torch.stack([r * phi.cos(), r * phi.sin() * squash], -1)
    return x + 0.08 * torch.randn_like(x), kind


x, y = clouds(2000)
xv, yv = clouds(600)
model = DeepSets()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.9)
for epoch in range(15):
    losses = []
    for batch in torch.randperm(2000).split(40):
        optimizer.zero_grad()
        loss = criterion(model(x[batch]), y[batch])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print("epoch %d: %.4f" % (epoch, sum(losses) / len(losses)))
model.eval()
with torch.no_grad():
    print("final_metric=%.4f" % (model(xv).argmax(1) == yv).float().mean().item())
