import os
import argparse
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset


def noise_map(rng, n):
    lat = 48.05 + 0.20 * rng.random(n)
    lon = 11.40 + 0.30 * rng.random(n)
    u, v = (lat - 48.15) / 0.1, (lon - 11.55) / 0.15
    level = np.sin(3 * u) * np.cos(2 * v) + 0.7 * np.exp(-4 * ((u - 0.3) ** 2 + (v + 0.4) ** 2))
    z = (level - 0.1) / 0.5 + 0.1 * rng.standard_normal(n)
    return np.stack([lat, lon], 1), z


def main():
    parser = argparse.ArgumentParser(description="interpolate street noise")
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--hidden", type=int, default=64)
    opts, _ = parser.parse_known_args()
    seed = int(os.environ.get("SEED", 0))
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)

    coords, level = noise_map(rng, 2000)
    coords_val, level_val = noise_map(rng, 500)
    centre, spread = coords.mean(0), coords.std(0)
    to_t = lambda c: torch.tensor((c - centre) / spread, dtype=torch.float32)
    ds = TensorDataset(to_t(coords), torch.tensor(level, dtype=torch.float32))
    model = nn.Sequential(nn.Linear(2, opts.hidden), nn.Tanh(), nn.Linear(opts.hidden, opts.hidden), nn.Tanh(),
                          nn.Linear(opts.hidden, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(opts.epochs):
        for c, z in DataLoader(ds, batch_size=50, shuffle=True):
            loss = nn.functional.mse_loss(model(c).squeeze(1), z)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        print(f"epoch={epoch} loss={loss.item():.4f}")
    with torch.no_grad():
        pred = model(to_t(coords_val)).squeeze(1).numpy()
    print(f"final_metric={1 - np.mean((pred - level_val) ** 2) / np.var(level_val):.4f}")


if __name__ == "__main__":
    main()
