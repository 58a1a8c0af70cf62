# portiert aus meinem alten TF1-Projekt
import os
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

hparams = dict(hidden=48, keep=0.95, lr=3e-3, schritte=450, stapel=50)


def bewegungen(n):
    """Drei Gesten aus Beschleunigungsdaten, 2 Achsen, 15 Zeitpunkte."""
    k = torch.randint(0, 3, (n,))
    t = torch.linspace(0, 6.283, 15)
    ph = torch.rand(n, 1) * 6.283
    x = torch.sin(t + ph)
    y = torch.stack([torch.cos(t + ph), -torch.cos(t + ph), torch.sin(t + ph)], 1)[torch.arange(n), k]
    return torch.stack([x, y], -1) + 0.5 * torch.randn(n, 15, 2), k


class Gesten(nn.Module):
    def __init__(self, h, keep):
        super().__init__()
        self.lstm = nn.LSTM(2, h, batch_first=True)
        self.drop1 = nn.Dropout(keep)
        self.dicht = nn.Linear(h, h)
        self.drop2 = nn.Dropout(keep)
        self.aus = nn.Linear(h, 3)

    def forward(self, x):
        h = self.lstm(x)[0][:, -1]
        h = torch.relu(self.dicht(self.drop1(h)))
        return self.aus(self.drop2(h))


netz = Gesten(hparams["hidden"], hparams["keep"])
optimierer = torch.optim.Adam(netz.parameters(), lr=hparams["lr"])
x, y = bewegungen(1500)
xv, yv = bewegungen(600)
netz.train()
for s in range(hparams["schritte"]):
    i = torch.randint(0, 1500, (hparams["stapel"],))
    verlust = nn.functional.cross_entropy(netz(x[i]), y[i])
    optimierer.zero_grad()
    verlust.backward()
    optimierer.step()
    if s % 75 == 0:
        print(f"Schritt {s}: {verlust.item():.4f}")
netz.eval()
with torch.no_grad():
    print("final_metric=%.4f" % (netz(xv).argmax(1) == yv).float().mean().item())
