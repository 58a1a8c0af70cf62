import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get('SEED', 0)))
CLASSES = 4


def site(n, c):
    """spectral pixels, one land cover per field"""
    mean = CENTRES[c]
    return mean + .9 * torch.randn(n, 12)


CENTRES = torch.randn(CLASSES, 12)
fields = [(site(60, c), torch.full((60,), c)) for c in torch.randint(0, CLASSES, (80,)).tolist()]
X = torch.cat([f[0] for f in fields[:60]])
Y = torch.cat([f[1] for f in fields[:60]])
mu, sd = X.mean(0), X.std(0)
X = (X - mu) / sd
val_fields = [((x - mu) / sd, y) for x, y in fields[60:]]


class LandNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(12, 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Dropout(.2),
                                 nn.Linear(48, 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Linear(48, CLASSES))

    def forward(self, x):
        return self.net(x)


def fit_epoch(model, opt):
    model.train()
    for b in torch.randperm(len(X)).split(64):
        if len(b) < 2:
            continue
        loss = nn.functional.cross_entropy(model(X[b]), Y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    return loss.item()


@torch.no_grad()
def validate(model):
    model.eval()
    outs = [(model(x), y) for x, y in val_fields]
    o, y = torch.cat([a for a, _ in outs]), torch.cat([b for _, b in outs])
    return nn.functional.cross_entropy(o, y).item(), (o.argmax(1) == y).float().mean().item()


model = LandNet()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(10):
    l = fit_epoch(model, opt)
    v, acc = validate(model)
    print(f'epoch {epoch} train {l:.4f} val {v:.4f} acc {acc:.4f}')
print(f'final_metric={acc:.4f}')
