import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


class Trainer:
    def __init__(self, model, penalty, lr=2e-3, max_epochs=15):
        self.model, self.penalty, self.max_epochs = model, penalty, max_epochs
        self.optimizer = torch.optim.Adam(model.parameters(), lr=lr)

    def training_step(self, batch):
        x, y = batch
        data_term = nn.functional.huber_loss(self.model(x).squeeze(1), y)
        group_term = sum(p.norm() for name, p in self.model.named_parameters() if name.endswith("weight"))
        return data_term + self.penalty * group_term, data_term

    def fit(self, x, y, batch_size=50):
        for epoch in range(self.max_epochs):
            for idx in torch.randperm(len(x)).split(batch_size):
                loss, data_term = self.training_step((x[idx], y[idx]))
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
            print(f"[{epoch:02d}] loss={loss.item():.3f} data={data_term.item():.4f}")


def chirps(n):
    t = torch.linspace(0, 1, 48)
    start, slope = torch.rand(n, 1) * 4 + 1, torch.rand(n, 1) * 10
    wave = torch.sin(6.2832 * (start * t + slope * t**2 / 2)) + 0.1 * torch.randn(n, 48)
    return wave[:, None], (slope.squeeze(1) - 5) / 2.9


x, y = chirps(1500)
x_test, y_test = chirps(400)
model = nn.Sequential(
    nn.Conv1d(1, 16, 5), nn.ReLU(), nn.MaxPool1d(2),
    nn.Conv1d(16, 16, 5), nn.ReLU(), nn.Flatten(),
    nn.Linear(288, 32), nn.ReLU(), nn.Linear(32, 1),
)
Trainer(model, penalty=1e-4).fit(x, y)
with torch.no_grad():
    r2 = 1 - (model(x_test).squeeze(1) - y_test).pow(2).mean() / y_test.var()
print(f"final_metric={r2.item():.4f}")
