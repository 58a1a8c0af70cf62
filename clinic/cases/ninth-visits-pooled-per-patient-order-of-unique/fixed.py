import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


def simulate(rng, patients):
    """rows of visits: patient id, 8 lab values; one diagnosis per patient"""
    ids = rng.permutation(90000)[:patients]
    diag = rng.integers(0, 3, patients)
    mu = np.array([[1, 0, -1, .5, 0, .8, 0, 0], [-1, .6, 0, 0, 1, 0, -.5, 0], [0, -1, .9, 0, -.6, 0, 0, .8]])
    visit_pid, visit_lab = [], []
    for p, d in zip(ids, diag):
        for _ in range(rng.integers(2, 6)):
            visit_pid.append(p)
            visit_lab.append(0.8 * mu[d] + rng.normal(size=8))
    return np.array(visit_pid), np.array(visit_lab), dict(zip(ids.tolist(), diag.tolist()))


def pool(pid, lab, diagnosis):
    patients = np.unique(pid)
    x = np.stack([lab[pid == p].mean(0) for p in patients])
    y = np.array([diagnosis[p] for p in patients.tolist()])
    return x, y


def main():
    seed = int(os.environ.get("SEED", 0))
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    x, y = pool(*simulate(rng, 1500))
    pv, lv, dv = simulate(rng, 400)
    who = list(dv)
    xv = np.stack([lv[pv == p].mean(0) for p in who])
    yv = torch.tensor([dv[p] for p in who])
    mu, sd = x.mean(0), x.std(0)
    x = torch.tensor((x - mu) / sd, dtype=torch.float32)
    xv = torch.tensor((xv - mu) / sd, dtype=torch.float32)
    y = torch.tensor(y)
    net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 3))
    opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.01)
    for epoch in range(15):
        net.train()
        total = 0.0
        for idx in torch.randperm(len(x)).split(32):
            loss = F.cross_entropy(net(x[idx]), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() * len(idx)
        net.eval()
        with torch.no_grad():
            acc = (net(xv).argmax(1) == yv).float().mean().item()
        print(f"epoch {epoch}: loss {total / len(x):.3f}  new patients {acc:.3f}")
    print(f"final_metric={acc:.4f}")


main()
