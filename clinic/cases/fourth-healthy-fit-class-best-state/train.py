import copy
import os
import torch
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


class EarlyStoppedClassifier:
    def __init__(self, patience=4, max_epochs=60, seed=0):
        self.patience, self.max_epochs, self.seed = patience, max_epochs, seed

    def fit(self, X, y):
        torch.manual_seed(self.seed)
        X, X_val, y, y_val = train_test_split(X, y, test_size=0.25, stratify=y, random_state=self.seed)
        self.scale = StandardScaler().fit(X)
        X, X_val = (torch.tensor(self.scale.transform(a), dtype=torch.float32) for a in (X, X_val))
        y, y_val = torch.tensor(y), torch.tensor(y_val)
        self.net = torch.nn.Sequential(torch.nn.Linear(13, 16), torch.nn.Tanh(), torch.nn.Dropout(0.2), torch.nn.Linear(16, 3))
        opt = torch.optim.Adam(self.net.parameters(), lr=5e-3, weight_decay=1e-3)
        loss_fn = torch.nn.CrossEntropyLoss(label_smoothing=0.1)
        best, waited = float("inf"), 0
        for epoch in range(self.max_epochs):
            self.net.train()
            for idx in torch.randperm(len(X)).split(20):
                opt.zero_grad()
                loss = loss_fn(self.net(X[idx]), y[idx])
                loss.backward()
                opt.step()
            self.net.eval()
            with torch.no_grad():
                val = loss_fn(self.net(X_val), y_val).item()
            if val < best - 1e-3:
                best, waited, state = val, 0, copy.deepcopy(self.net.state_dict())
            else:
                waited += 1
                if waited >= self.patience:
                    break
            print(f"{epoch} {loss.item():.3f} {val:.3f}")
        self.net.load_state_dict(state)
        return self

    def score(self, X, y):
        self.net.eval()
        with torch.no_grad():
            out = self.net(torch.tensor(self.scale.transform(X), dtype=torch.float32))
        return (out.argmax(1) == torch.tensor(y)).float().mean().item()


seed = int(os.environ.get("SEED", 0))
X, y = load_wine(return_X_y=True)
X, X_test, y, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
print(f"final_metric={EarlyStoppedClassifier(seed=seed).fit(X, y).score(X_test, y_test):.4f}")
