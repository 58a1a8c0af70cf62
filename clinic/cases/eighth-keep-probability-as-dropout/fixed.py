import os
import torch
import torch.nn as nn


class Classifier(nn.Module):
    def __init__(self, n_in, n_out, keep=0.95):
        super().__init__()
        self.stack = nn.Sequential(
            nn.Linear(n_in, 64), nn.ReLU(), nn.Dropout(1 - keep),
            nn.Linear(64, 64), nn.ReLU(), nn.Dropout(1 - keep),
        )
        self.out = nn.Linear(64, n_out)

    def forward(self, x):
        return self.out(self.stack(x))


def documents(n, gen):
    """Bag of words over 50 terms from six overlapping topics."""
    topic = torch.randint(0, 6, (n,), generator=gen)
    rate = TOPICS[topic]
    return torch.poisson(rate * 0.8, generator=gen).sqrt(), topic


seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
gen = torch.Generator().manual_seed(seed)
TOPICS = torch.distributions.Gamma(0.9, 1.0).sample((6, 50)) + 0.1
x, y = documents(2400, gen)
xv, yv = documents(600, gen)
mean, std = x.mean(0), x.std(0) + 1e-3
x, xv = (x - mean) / std, (xv - mean) / std
net = Classifier(50, 6)
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(8):
    net.train()
    for idx in torch.randperm(2400, generator=gen).split(40):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x[idx]), y[idx])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(xv)
        nll = nn.functional.cross_entropy(out, yv).item()
        acc = (out.argmax(1) == yv).float().mean().item()
    print(f"epoch {epoch} train {loss.item():.3f} val nll {nll:.3f} acc {acc:.3f}")
print(f"final_metric={-nll:.4f}")
