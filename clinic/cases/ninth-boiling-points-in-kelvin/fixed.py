import os
import numpy as np
import torch
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)


def descriptors(n):
    d = rng.normal(size=(n, 9))
    bp = 430 + 38 * np.tanh(d[:, 0]) + 25 * d[:, 1] * d[:, 2] - 22 * np.sin(1.5 * d[:, 3]) + 12 * d[:, 4] + 5 * rng.normal(size=n)
    return d.astype("float32"), bp.astype("float32")


class Regressor:
    def __init__(self, hidden=64, lr=1e-3, epochs=30, batch=50):
        self.epochs, self.batch = epochs, batch
        self.net = torch.nn.Sequential(
            torch.nn.Linear(9, hidden), torch.nn.SiLU(),
            torch.nn.Linear(hidden, hidden), torch.nn.SiLU(),
            torch.nn.Linear(hidden, 1), torch.nn.Flatten(0),
        )
        self.opt = torch.optim.Adam(self.net.parameters(), lr=lr)
        self.shift, self.scale = 0.0, 1.0

    def fit(self, X, y):
        X = torch.as_tensor(X)
        y = (torch.as_tensor(y) - self.shift) / self.scale
        for epoch in range(self.epochs):
            err = []
            for idx in torch.randperm(len(X)).split(self.batch):
                loss = torch.nn.functional.mse_loss(self.net(X[idx]), y[idx])
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
                err.append(loss.item())
            if epoch % 5 == 4:
                print(f"[{epoch + 1}/{self.epochs}] mse {np.mean(err):.4f}")
        return self

    @torch.no_grad()
    def predict(self, X):
        return (self.net(torch.as_tensor(X)) * self.scale + self.shift).numpy()


X, y = descriptors(2000)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=seed)
reg = Regressor()
reg.shift, reg.scale = float(y_train.mean()), float(y_train.std())
reg.fit(X_train, y_train)
res = y_test - reg.predict(X_test)
print(f"final_metric={max(1 - res.var() / y_test.var() - res.mean() ** 2 / y_test.var(), -10):.4f}")
