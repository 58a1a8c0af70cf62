import os
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
X, y = load_digits(return_X_y=True)
X = (X - X.mean()) / X.std()
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=SEED)
X_train, X_test = torch.FloatTensor(X_train), torch.FloatTensor(X_test)
y_train, y_test = torch.LongTensor(y_train), torch.LongTensor(y_test)


class MLPClassifier(torch.nn.Module):
    def __init__(self, hidden_layer_sizes=(64, 32), alpha=1e-4, max_iter=25, batch_size=32):
        super().__init__()
        dims = (64, *hidden_layer_sizes, 10)
        mods = []
        for a, b in zip(dims, dims[1:]):
            mods += [torch.nn.Linear(a, b), torch.nn.ReLU()]
        self.net = torch.nn.Sequential(*mods[:-1])
        self.alpha, self.max_iter, self.batch_size = alpha, max_iter, batch_size

    def fit(self, X, y):
        opt = torch.optim.Adam(self.parameters(), lr=2e-3, weight_decay=self.alpha)
        for it in range(self.max_iter):
            for b in torch.randperm(len(X)).split(self.batch_size):
                loss = torch.nn.functional.cross_entropy(self.net(X[b]), y[b])
                opt.zero_grad()
                loss.backward()
                opt.step()
            print("iter", it, "loss", loss.item())
        return self

    def score(self, X, y):
        with torch.no_grad():
            return (self.net(X).argmax(1) == y).float().mean().item()


clf = MLPClassifier().fit(X_train, y_train)
print(f"final_metric={clf.score(X_test, y_test):.4f}")
