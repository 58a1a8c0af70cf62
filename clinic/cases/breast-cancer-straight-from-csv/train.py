import os
import random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset


def set_seed(s):
    random.seed(s)
    np.random.seed(s)
    torch.manual_seed(s)


class TumorNet(nn.Module):
    def __init__(self, n_in):
        super().__init__()
        self.fc1 = nn.Linear(n_in, 32)
        self.fc2 = nn.Linear(32, 16)
        self.fc3 = nn.Linear(16, 1)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x).squeeze(-1)


def load(seed):
    data = load_breast_cancer()
    x_tr, x_va, y_tr, y_va = train_test_split(data.data, data.target, test_size=0.3, random_state=seed)
    x_tr, x_va = [x.astype("float32") for x in (x_tr, x_va)]
    y_tr, y_va = [y.astype("float32") for y in (y_tr, y_va)]
    as_set = lambda a, b: TensorDataset(torch.from_numpy(a), torch.from_numpy(b))
    return as_set(x_tr, y_tr), as_set(x_va, y_va)


def run_epoch(model, loader, optimizer=None):
    training = optimizer is not None
    model.train(training)
    total, hits, n = 0.0, 0, 0
    with torch.set_grad_enabled(training):
        for x, y in loader:
            logit = model(x)
            loss = F.binary_cross_entropy_with_logits(logit, y)
            if training:
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            total += loss.item() * len(y)
            hits += ((logit > 0) == (y > 0.5)).sum().item()
            n += len(y)
    return total / n, hits / n


if __name__ == "__main__":
    seed = int(os.environ.get("SEED", 0))
    set_seed(seed)
    train_set, val_set = load(seed)
    train_loader = DataLoader(train_set, batch_size=16, shuffle=True)
    val_loader = DataLoader(val_set, batch_size=64)
    model = TumorNet(30)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    for epoch in range(40):
        tr_loss, tr_acc = run_epoch(model, train_loader, optimizer)
        va_loss, va_acc = run_epoch(model, val_loader)
        if epoch % 4 == 3:
            print(f"{epoch:3d} | train {tr_loss:.4f} {tr_acc:.3f} | val {va_loss:.4f} {va_acc:.3f}")
    print(f"final_metric={va_acc:.4f}")
