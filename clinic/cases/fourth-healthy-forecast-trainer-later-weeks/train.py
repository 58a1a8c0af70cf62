import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class LoadModule(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, 24, batch_first=True)
        self.head = nn.Linear(24, 1)

    def forward(self, x):
        return self.head(self.lstm(x)[0][:, -1])

    def training_step(self, batch):
        x, y = batch
        return nn.functional.smooth_l1_loss(self(x), y)

    def validation_step(self, batch):
        x, y = batch
        return nn.functional.mse_loss(self(x), y).item()

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), lr=4e-3)


class Trainer:
    def __init__(self, max_epochs, gradient_clip_val=1.0):
        self.max_epochs, self.clip = max_epochs, gradient_clip_val

    def fit(self, module, train, val):
        opt = module.configure_optimizers()
        for epoch in range(self.max_epochs):
            module.train()
            for batch in train:
                loss = module.training_step(batch)
                opt.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(module.parameters(), self.clip)
                opt.step()
            module.eval()
            with torch.no_grad():
                scores = [module.validation_step(b) for b in val]
            self.val = sum(scores) / len(scores)
            print(f"epoch={epoch} loss={loss.item():.4f} val={self.val:.4f}")


def main():
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    h = torch.arange(3000).float()
    load = torch.sin(6.2832 * h / 24) + 0.5 * torch.cos(6.2832 * h / 12) + 0.3 * torch.sin(6.2832 * h / 168) + 0.1 * torch.randn(3000)
    load = (load - load[:2400].mean()) / load[:2400].std()
    w = load.unfold(0, 25, 1)
    x, y = w[:, :24, None], w[:, 24:]
    trainer = Trainer(max_epochs=8)
    trainer.fit(
        LoadModule(),
        DataLoader(TensorDataset(x[:2350], y[:2350]), batch_size=50, shuffle=True),
        DataLoader(TensorDataset(x[2400:], y[2400:]), batch_size=48),
    )
    print(f"final_metric={1 - trainer.val / y[2400:].var().item():.4f}")


main()
