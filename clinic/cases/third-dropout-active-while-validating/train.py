import os
import torch
import torch.nn as nn
from sklearn.datasets import make_classification
torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_classification(6000, 20, n_informative=12, n_redundant=0, n_classes=5, n_clusters_per_class=1, class_sep=1.3, flip_y=0, random_state=int(os.environ.get("SEED", 0)))
X, y = torch.tensor(X / X.std(0)).float(), torch.tensor(y)
X_train, y_train, X_val, y_val = X[:5000], y[:5000], X[5000:], y[5000:]

class Classifier(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(20, 128), nn.ReLU(), nn.Dropout(p), nn.Linear(128, 64), nn.ReLU(), nn.Dropout(p), nn.Linear(64, 5))
    def forward(self, x):
        return self.layers(x)

def validate(model):
    with torch.no_grad():
        logits = model(X_val)
        return nn.functional.cross_entropy(logits, y_val).item(), (logits.argmax(1) == y_val).float().mean().item()

clf = Classifier()
opt = torch.optim.Adam(clf.parameters(), lr=2e-3)
for epoch in range(12):
    clf.train()
    for idx in torch.randperm(5000).split(50):
        loss = nn.functional.cross_entropy(clf(X_train[idx]), y_train[idx])
        opt.zero_grad(); loss.backward(); opt.step()
    vl, va = validate(clf)
    print(f"epoch {epoch + 1:>2} val_loss {vl:.4f} val_acc {va:.4f}")
print(f"final_metric={va:.4f}")
