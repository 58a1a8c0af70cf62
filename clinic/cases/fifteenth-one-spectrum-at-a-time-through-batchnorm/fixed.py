import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def spectra(n):
    g = torch.linspace(0, 1, 48)
    y = torch.randint(0, 3, (n,))
    level = torch.tensor([0.6, 1.2, 1.8])[y]
    base = level[:, None] * torch.exp(-((g - 0.3 - 0.4 * torch.rand(n, 1)) ** 2) / 0.02)
    return (base + 0.1 * torch.randn(n, 48)).unsqueeze(1), y


class SpectrumNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv1d(1, 16, 5, padding=2), nn.BatchNorm1d(16), nn.ReLU(),
            nn.Conv1d(16, 16, 5, padding=2), nn.BatchNorm1d(16), nn.ReLU(),
            nn.AdaptiveMaxPool1d(1), nn.Flatten(), nn.Linear(16, 3),
        )

    def forward(self, x):
        return self.net(x)


x, y = spectra(1500)
x_test, y_test = spectra(300)
net = SpectrumNet()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)


def predict(spectrum):
    with torch.no_grad():
        return int(net(spectrum[None]).argmax())


for epoch in range(10):
    for b in torch.randperm(1500).split(50):
        loss = nn.functional.cross_entropy(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print("epoch", epoch, "loss", loss.item())

net.eval()
hits = [predict(s) == int(t) for s, t in zip(x_test, y_test)]
print(f"final_metric={sum(hits) / len(hits):.4f}")
