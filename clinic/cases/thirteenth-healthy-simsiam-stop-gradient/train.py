import os
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
CLASSES, DIM = 6, 32
centres = 1.6 * torch.randn(CLASSES, DIM)


def draw(n):
    y = torch.randint(0, CLASSES, (n,))
    return centres[y] + torch.randn(n, DIM), y


def view(x):
    return x + 0.4 * torch.randn_like(x)


encoder = nn.Sequential(nn.Linear(DIM, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 16), nn.BatchNorm1d(16))
predictor = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 16))
probe = nn.Linear(16, CLASSES)
x, y = draw(2000)
opt = torch.optim.SGD([*encoder.parameters(), *predictor.parameters()], lr=0.05, momentum=0.9)
for epoch in range(8):
    for b in torch.randperm(len(x)).split(100):
        z1, z2 = encoder(view(x[b])), encoder(view(x[b]))
        p1, p2 = predictor(z1), predictor(z2)
        loss = -(F.cosine_similarity(p1, z2.detach()).mean() + F.cosine_similarity(p2, z1.detach()).mean()) / 2
        opt.zero_grad()
        loss.backward()
        opt.step()
    print("pretrain", epoch, loss.item())

encoder.eval()
opt = torch.optim.Adam(probe.parameters(), lr=1e-2)
for epoch in range(6):
    for b in torch.randperm(len(x)).split(100):
        with torch.no_grad():
            z = encoder(x[b])
        loss = F.cross_entropy(probe(z), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print("probe", epoch, loss.item())
with torch.no_grad():
    xt, yt = draw(1000)
    print(f"final_metric={(probe(encoder(xt)).argmax(1) == yt).float().mean():.4f}")
