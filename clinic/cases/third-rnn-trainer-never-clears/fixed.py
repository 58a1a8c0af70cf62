import os, torch
from torch import nn

class SequenceDataset:
    """count which of two symbols is more frequent (0/1), 15 steps"""
    def __init__(self, seed): self.g = torch.Generator().manual_seed(seed)
    def next(self, n=32):
        p = torch.rand(n, 1, generator=self.g) * .8 + .1
        s = (torch.rand(n, 15, generator=self.g) < p).float()
        return (s * 2 - 1).unsqueeze(-1), (s.sum(1) > 7.5).long()

class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.fc = nn.RNN(1, 20, batch_first=True), nn.Linear(20, 2)
    def forward(self, x): return self.fc(self.rnn(x)[0][:, -1])

class Trainer:
    def __init__(self, model, data, lr):
        self.model, self.data = model, data
        self.optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        self.history = []
    def train_step(self):
        x, y = self.data.next()
        loss = nn.functional.cross_entropy(self.model(x), y)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.history.append(loss.item())
    def train(self, steps):
        for i in range(1, steps + 1):
            self.train_step()
            if i % 80 == 0: print(f"step {i}: {sum(self.history[-80:]) / 80:.4f}")
    @torch.no_grad()
    def test(self):
        x, y = self.data.next(2000)
        return (self.model(x).argmax(-1) == y).float().mean().item()

torch.manual_seed(int(os.environ.get("SEED", 0)))
trainer = Trainer(Model(), SequenceDataset(int(os.environ.get("SEED", 0)) + 1), lr=0.1)
trainer.train(480)
print("final_metric=%.4f" % trainer.test())
