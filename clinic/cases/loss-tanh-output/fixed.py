import os
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

# sequence-to-sequence: exponentially weighted sum of the inputs so far
T, DECAY = 16, 0.8


def make(n):
    u = torch.randn(n, T, 1)
    y = torch.zeros(n, T, 1)
    acc = torch.zeros(n, 1)
    for t in range(T):
        acc = DECAY * acc + u[:, t]
        y[:, t] = acc
    return u, y + 0.05 * torch.randn_like(y)


class Filter(nn.Module):
    def __init__(self, hidden=24):
        super().__init__()
        self.lstm = nn.LSTM(1, hidden, batch_first=True)
        self.readout = nn.Sequential(nn.Linear(hidden, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, u):
        h, _ = self.lstm(u)
        return self.readout(h)


class Experiment:
    def __init__(self):
        self.model = Filter()
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=5e-3)
        self.loss = nn.SmoothL1Loss()
        self.train_data, self.val_data = make(1000), make(300)

    def step(self, u, y):
        self.optimizer.zero_grad()
        loss = self.loss(self.model(u), y)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
        self.optimizer.step()
        return loss.item()

    def validate(self):
        self.model.eval()
        with torch.no_grad():
            u, y = self.val_data
            r2 = 1 - ((self.model(u) - y) ** 2).mean() / y.var()
        self.model.train()
        return r2.item()

    def run(self, epochs=12, bs=40):
        u, y = self.train_data
        for ep in range(epochs):
            losses = [self.step(u[b], y[b]) for b in torch.randperm(len(u)).split(bs)]
            print(f"epoch {ep + 1}: loss {sum(losses) / len(losses):.4f}, val R2 {self.validate():.4f}")


exp = Experiment()
exp.run()
print(f"final_metric={exp.validate():.4f}")
