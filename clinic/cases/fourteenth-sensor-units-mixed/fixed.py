import os
from dataclasses import dataclass
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class Config:
    epochs: int = 10
    batch_size: int = 64
    lr: float = 2e-3
    hidden: int = 48
    seed: int = int(os.environ.get("SEED", 0))


def plant(n):
    """Pressure [Pa], temperature [K], voltage [V], flow [m3/s], duty cycle; efficiency in standard units."""
    pressure = 101325 + 4000 * torch.randn(n)
    temperature = 320 + 15 * torch.randn(n)
    voltage = 3.3 + 0.2 * torch.randn(n)
    flow = 0.02 + 0.004 * torch.randn(n)
    duty = torch.rand(n)
    p, t, v, f = (pressure - 101325) / 4000, (temperature - 320) / 15, (voltage - 3.3) / 0.2, (flow - 0.02) / 0.004
    eff = torch.sin(p) + 0.6 * t * v + 0.7 * torch.relu(f) - duty
    x = torch.stack([pressure, temperature, voltage, flow, duty], 1)
    return x, (eff + 0.05 * torch.randn(n)).unsqueeze(1)


def main(cfg):
    torch.manual_seed(cfg.seed)
    x_train, y_train = plant(4000)
    x_test, y_test = plant(1500)
    mean, std = x_train.mean(0), x_train.std(0)
    x_train, x_test = (x_train - mean) / std, (x_test - mean) / std
    loader = DataLoader(TensorDataset(x_train, y_train), batch_size=cfg.batch_size, shuffle=True)
    model = nn.Sequential(
        nn.Linear(5, cfg.hidden), nn.GELU(), nn.Linear(cfg.hidden, cfg.hidden), nn.GELU(), nn.Linear(cfg.hidden, 1)
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=cfg.lr)
    for epoch in range(cfg.epochs):
        model.train()
        for x, y in loader:
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(x), y)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            r2 = 1 - (nn.functional.mse_loss(model(x_test), y_test) / y_test.var()).item()
        print(f"epoch {epoch} loss {loss.item():.4f} r2 {r2:.4f}")
    print(f"final_metric={max(r2, -1.0):.4f}")


main(Config())
