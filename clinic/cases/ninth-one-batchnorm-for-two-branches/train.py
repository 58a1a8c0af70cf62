import os
import torch
import torch.nn as nn
import torch.nn.functional as F


class TwoStream(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.optical = nn.Linear(12, width)
        self.radar = nn.Linear(12, width)
        self.norm_o = nn.BatchNorm1d(width)
        self.norm_r = self.norm_o
        self.head = nn.Sequential(nn.Linear(2 * width, 32), nn.ReLU(), nn.Linear(32, 4))

    def forward(self, o, r):
        o = F.relu(self.norm_o(self.optical(o)))
        r = F.relu(self.norm_r(self.radar(r)))
        return self.head(torch.cat([o, r], 1))


class Scenes(torch.utils.data.Dataset):
    def __init__(self, n, centres):
        self.y = torch.randint(0, 4, (n,))
        self.o = centres[0][self.y] + torch.randn(n, 12)
        self.r = 0.25 * (centres[1][self.y] + torch.randn(n, 12)) + 1.5

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return self.o[i], self.r[i], self.y[i]


def main():
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    centres = 0.7 * torch.randn(2, 4, 12)
    train, val = Scenes(1600, centres), Scenes(500, centres)
    loader = torch.utils.data.DataLoader(train, batch_size=40, shuffle=True)
    net = TwoStream()
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    for epoch in range(8):
        net.train()
        run, hit = 0.0, 0
        for o, r, y in loader:
            out = net(o, r)
            loss = F.cross_entropy(out, y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            run += loss.item() * len(y)
            hit += (out.argmax(1) == y).sum().item()
        net.eval()
        with torch.no_grad():
            out = net(val.o, val.r)
            vl = F.cross_entropy(out, val.y).item()
            acc = (out.argmax(1) == val.y).float().mean().item()
        print(f"epoch {epoch}: train loss {run / 1600:.4f} acc {hit / 1600:.4f} | val loss {vl:.4f} acc {acc:.4f}")
    print(f"final_metric={acc:.4f}")


main()
