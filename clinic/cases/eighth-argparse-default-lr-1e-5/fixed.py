import argparse
import os
import torch
import torch.nn as nn
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, TensorDataset


def options():
    p = argparse.ArgumentParser()
    p.add_argument("--lr", type=float, default=0.02)
    p.add_argument("--momentum", type=float, default=0.9)
    p.add_argument("--epochs", type=int, default=60)
    p.add_argument("--batch-size", type=int, default=16)
    p.add_argument("--seed", type=int, default=int(os.environ.get("SEED", 0)))
    return p.parse_args([])


def main(opt):
    torch.manual_seed(opt.seed)
    wine = load_wine()
    perm = torch.randperm(len(wine.target))
    X, y = wine.data[perm.numpy()], torch.tensor(wine.target)[perm]
    scaler = StandardScaler().fit(X[:130])
    X = torch.tensor(scaler.transform(X), dtype=torch.float32)
    loader = DataLoader(TensorDataset(X[:130], y[:130]), opt.batch_size, shuffle=True, drop_last=True)
    model = nn.Sequential(nn.Linear(13, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 3))
    sgd = torch.optim.SGD(model.parameters(), lr=opt.lr, momentum=opt.momentum, weight_decay=1e-3)
    for epoch in range(opt.epochs):
        model.train()
        for xb, yb in loader:
            loss = nn.functional.cross_entropy(model(xb), yb)
            sgd.zero_grad()
            loss.backward()
            sgd.step()
        model.eval()
        with torch.no_grad():
            out = model(X[130:])
            acc = (out.argmax(1) == y[130:]).float().mean().item()
            val = nn.functional.cross_entropy(out, y[130:]).item()
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1}: train {loss.item():.4f} val {val:.4f} acc {acc:.3f}")
    print(f"final_metric={acc:.4f}")


main(options())
