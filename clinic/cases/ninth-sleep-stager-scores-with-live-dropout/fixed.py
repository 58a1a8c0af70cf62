import os
import numpy as np
import torch
import torch.nn as nn


class SleepStager:
    def __init__(self, n_features, n_stages, hidden=64, dropout=0.75, lr=2e-3, epochs=12):
        self.net = nn.Sequential(
            nn.Linear(n_features, hidden), nn.ReLU(), nn.Dropout(dropout),
            nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout(dropout),
            nn.Linear(hidden, n_stages),
        )
        self.lr, self.epochs = lr, epochs

    def fit(self, X, y, X_val, y_val):
        X, y = torch.as_tensor(X, dtype=torch.float32), torch.as_tensor(y)
        opt = torch.optim.Adam(self.net.parameters(), lr=self.lr)
        self.net.train()
        for epoch in range(self.epochs):
            total = 0.0
            for idx in torch.randperm(len(X)).split(50):
                loss = nn.functional.cross_entropy(self.net(X[idx]), y[idx])
                opt.zero_grad()
                loss.backward()
                opt.step()
                total += loss.item() * len(idx)
            print(f"epoch {epoch} loss {total / len(X):.4f} val acc {self.score(X_val, y_val):.4f}")
            self.net.train()
        return self

    def predict(self, X):
        self.net.eval()
        with torch.no_grad():
            return self.net(torch.as_tensor(X, dtype=torch.float32)).argmax(1).numpy()

    def score(self, X, y):
        return float((self.predict(X) == y).mean())


def epochs_of_sleep(rng, centres, n):
    y = rng.integers(0, 5, n)
    return centres[y, rng.integers(0, 2, n)] + rng.normal(size=(n, 14)), y


seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
centres = 1.0 * rng.normal(size=(5, 2, 14))
X, y = epochs_of_sleep(rng, centres, 2500)
Xv, yv = epochs_of_sleep(rng, centres, 800)
mu, sd = X.mean(0), X.std(0)
model = SleepStager(14, 5).fit((X - mu) / sd, y, (Xv - mu) / sd, yv)
print(f"final_metric={model.score((Xv - mu) / sd, yv):.4f}")
