import os
import torch
import torch.nn as nn
from sklearn.datasets import make_moons

torch.manual_seed(int(os.environ.get("SEED", 0)))


class Mlp(nn.Module):
    def __init__(self, n_in, hidden, n_layers, n_out):
        super().__init__()
        self.hidden = []
        for k in range(n_layers):
            self.hidden.append(nn.Linear(n_in if k == 0 else hidden, hidden))
        self.final = nn.Linear(hidden, n_out)

    def forward(self, x):
        for layer in self.hidden:
            x = torch.tanh(layer(x))
        return self.final(x)


def main():
    seed = int(os.environ.get("SEED", 0))
    x, y = make_moons(1500, noise=0.1, random_state=seed)
    x = torch.tensor(x, dtype=torch.float32)
    x = (x - x.mean(0)) / x.std(0)
    y = torch.tensor(y).float()
    xt, yt, xv, yv = x[:1000], y[:1000], x[1000:], y[1000:]
    model = Mlp(2, 8, 3, 1)
    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    bce = nn.BCEWithLogitsLoss()
    for epoch in range(30):
        for idx in torch.randperm(1000).split(50):
            opt.zero_grad()
            loss = bce(model(xt[idx]).squeeze(1), yt[idx])
            loss.backward()
            opt.step()
        if epoch % 5 == 4:
            print("epoch", epoch + 1, "loss", loss.item())
    with torch.no_grad():
        acc = ((model(xv).squeeze(1) > 0).float() == yv).float().mean()
    print(f"final_metric={acc.item():.4f}")


if __name__ == "__main__":
    main()
