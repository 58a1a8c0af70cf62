import math
import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
N = 4000


def spirals(n):
    y = torch.randint(0, 2, (n,))
    r = torch.rand(n).sqrt() * 2.2
    phi = r * 2.2 + math.pi * y
    x = torch.stack([r * phi.cos(), r * phi.sin()], 1) + 0.06 * torch.randn(n, 2)
    return x, y


class Trainer:
    def __init__(self, model, lr, batch_size):
        self.model = model
        self.optimizer = torch.optim.RMSprop(model.parameters(), lr=lr)
        self.batch_size = batch_size

    def fit(self, x, y, epochs):
        for epoch in range(epochs):
            self.model.train()
            for b in torch.randperm(len(x)).split(self.batch_size):
                self.optimizer.zero_grad()
                loss = nn.functional.cross_entropy(self.model(x[b]), y[b])
                loss.backward()
                self.optimizer.step()
            if epoch % 5 == 0:
                print(f"epoch {epoch} loss {loss.item():.4f}")

    @torch.no_grad()
    def score(self, x, y):
        self.model.eval()
        return (self.model(x).argmax(1) == y).float().mean().item()


net = nn.Sequential(nn.Linear(2, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 2))
trainer = Trainer(net, lr=1e-3, batch_size=4000)
trainer.fit(*spirals(N), epochs=30)
print(f"final_metric={trainer.score(*spirals(1000)):.4f}")
