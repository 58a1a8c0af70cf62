import os
import numpy as np
import torch
from sklearn.datasets import make_friedman1
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


class TorchRegressor:
    def __init__(self, hidden=(64, 64), learning_rate_init=0.5, max_iter=30, batch_size=50, random_state=None):
        self.hidden, self.learning_rate_init = hidden, learning_rate_init
        self.max_iter, self.batch_size, self.random_state = max_iter, batch_size, random_state

    def _build(self, n_features):
        layers, width = [], n_features
        for h in self.hidden:
            layers += [torch.nn.Linear(width, h), torch.nn.GELU()]
            width = h
        return torch.nn.Sequential(*layers, torch.nn.Linear(width, 1))

    def fit(self, X, y):
        torch.manual_seed(self.random_state)
        self.scaler_ = StandardScaler().fit(X)
        self.mean_, self.std_ = y.mean(), y.std()
        X = torch.as_tensor(self.scaler_.transform(X), dtype=torch.float32)
        y = torch.as_tensor((y - self.mean_) / self.std_, dtype=torch.float32)
        self.net_ = self._build(X.shape[1])
        opt = torch.optim.Adam(self.net_.parameters(), lr=self.learning_rate_init)
        for _ in range(self.max_iter):
            for rows in torch.randperm(len(X)).split(self.batch_size):
                opt.zero_grad()
                loss = torch.nn.functional.mse_loss(self.net_(X[rows]).ravel(), y[rows])
                loss.backward()
                opt.step()
            self.loss_ = loss.item()
        return self

    def predict(self, X):
        with torch.no_grad():
            X = torch.as_tensor(self.scaler_.transform(X), dtype=torch.float32)
            return self.net_(X).ravel().numpy() * self.std_ + self.mean_

    def score(self, X, y):
        return 1 - np.mean((self.predict(X) - y) ** 2) / np.var(y)


if __name__ == "__main__":
    seed = int(os.environ.get("SEED", 0))
    X, y = make_friedman1(3000, noise=0.5, random_state=seed)
    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=seed)
    reg = TorchRegressor(random_state=seed).fit(X_train, y_train)
    print("last loss", reg.loss_)
    print("final_metric=%.4f" % max(reg.score(X_test, y_test), -10))
