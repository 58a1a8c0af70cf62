import os
import numpy as np
import torch
from torch import nn
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

SEED = int(os.environ.get("SEED", 0))


class NetClassifier(BaseEstimator, ClassifierMixin):
    def __init__(self, hidden=32, lr=0.02, epochs=15, batch_size=16):
        self.hidden, self.lr, self.epochs, self.batch_size = hidden, lr, epochs, batch_size

    def fit(self, X, y):
        torch.manual_seed(SEED)
        X, y = torch.tensor(np.asarray(X), dtype=torch.float32), torch.tensor(y)
        self.net_ = nn.Sequential(nn.Linear(X.shape[1], self.hidden), nn.ReLU(), nn.Dropout(0.2), nn.Linear(self.hidden, 2))
        opt = torch.optim.SGD(self.net_.parameters(), lr=self.lr, momentum=0.9, weight_decay=1e-3)
        ce = nn.CrossEntropyLoss()
        self.net_.train()
        for epoch in range(self.epochs):
            for b in torch.randperm(len(X)).split(self.batch_size):
                opt.zero_grad()
                loss = ce(self.net_(X[b]), y[b])
                loss.backward()
                opt.step()
        return self

    def predict(self, X):
        self.net_.eval()
        with torch.no_grad():
            return self.net_(torch.tensor(np.asarray(X), dtype=torch.float32)).argmax(1).numpy()


X, y = load_breast_cancer(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=SEED)
clf = make_pipeline(StandardScaler(), NetClassifier())
clf.fit(X_train, y_train)
print("train accuracy", clf.score(X_train, y_train))
print(f"final_metric={clf.score(X_test, y_test):.4f}")
