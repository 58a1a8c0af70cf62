import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)

T = 16


def make_waves(n):
    freq = torch.rand(n, 1) * 0.5 + 0.3
    phase = torch.rand(n, 1) * 6.28
    t = torch.arange(T + 1).float()
    s = torch.sin(freq * t + phase) + 0.05 * torch.randn(n, T + 1)
    return s[:, :T, None], s[:, T:]


class LitForecaster(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.rnn = nn.GRU(1, hidden, batch_first=True)
        self.out = nn.Linear(hidden, 1)

    def forward(self, x):
        h, _ = self.rnn(x)
        return self.out(h[:, -1])

    def training_step(self, batch):
        x, y = batch
        return F.mse_loss(self(x), y)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.05, momentum=0.9)


class MiniTrainer:
    def __init__(self, max_epochs, gradient_clip_val=None):
        self.max_epochs = max_epochs
        self.gradient_clip_val = gradient_clip_val

    def fit(self, module, train_dl, val_dl):
        opt = module.configure_optimizers()
        for epoch in range(self.max_epochs):
            module.train()
            tot = 0.0
            for batch in train_dl:
                opt.zero_grad()
                loss = module.training_step(batch)
                loss.backward()
                if self.gradient_clip_val:
                    nn.utils.clip_grad_norm_(module.parameters(), self.gradient_clip_val)
                opt.step()
                tot += loss.item()
            print(f"epoch {epoch} train_loss={tot / len(train_dl):.4f} val_loss={self.validate(module, val_dl):.4f}")

    @torch.no_grad()
    def validate(self, module, dl):
        module.eval()
        return sum(module.training_step(b).item() for b in dl) / len(dl)


train_dl = DataLoader(TensorDataset(*make_waves(1200)), batch_size=40, shuffle=True)
val_x, val_y = make_waves(400)
val_dl = DataLoader(TensorDataset(val_x, val_y), batch_size=400)
model = LitForecaster()
trainer = MiniTrainer(max_epochs=8, gradient_clip_val=1.0)
trainer.fit(model, train_dl, val_dl)
print(f"final_metric={1 - trainer.validate(model, val_dl) / val_y.var().item():.4f}")
