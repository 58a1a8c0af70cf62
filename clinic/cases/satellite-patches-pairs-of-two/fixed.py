import argparse
import os

import numpy as np
import torch
import torch.nn as nn


def get_args():
    p = argparse.ArgumentParser()
    p.add_argument("--steps", type=int, default=700)
    p.add_argument("--per-step", type=int, default=32, help="patches in one step")
    p.add_argument("--lr", type=float, default=3e-3)
    return p.parse_args()


def patches(n, rng):
    """four land covers; brightness varies from scene to scene, cover = mean level and roughness"""
    y = rng.integers(0, 4, n)
    level = np.array([-0.7, 0.0, 0.7, 0.0])[y]
    rough = np.array([0.5, 0.35, 0.5, 1.1])[y]
    x = level[:, None, None] + rough[:, None, None] * rng.normal(size=(n, 10, 10))
    x += 0.25 * rng.normal(size=(n, 1, 1))
    return torch.tensor(x[:, None], dtype=torch.float32), torch.tensor(y)


def block(i, o):
    return nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU(inplace=True))


def main():
    args = get_args()
    seed = int(os.environ.get("SEED", 0))
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, y = patches(4000, rng)
    vx, vy = patches(800, rng)
    net = nn.Sequential(block(1, 12), block(12, 24), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                        nn.Linear(24, 24), nn.BatchNorm1d(24), nn.ReLU(), nn.Linear(24, 4))
    opt = torch.optim.Adam(net.parameters(), lr=args.lr)
    for step in range(args.steps):
        net.train()
        idx = torch.randint(0, len(x), (args.per_step,))
        loss = nn.functional.cross_entropy(net(x[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        if step % 100 == 99:
            net.eval()
            with torch.no_grad():
                acc = (net(vx).argmax(1) == vy).float().mean().item()
            print("step", step + 1, "loss", round(loss.item(), 4), "val acc", round(acc, 4))
    print("final_metric=%.4f" % acc)


if __name__ == "__main__":
    main()
