import os
import torch
from torch import nn
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


class Learner:
    def __init__(self, accumulate=2):
        self.net = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
        self.opt = torch.optim.SGD(self.net.parameters(), lr=0.05, weight_decay=1e-3)
        self.loss = nn.BCEWithLogitsLoss()
        self.accumulate = accumulate

    def one_epoch(self, x, y):
        self.net.train()
        for k, idx in enumerate(torch.randperm(len(x)).split(16), 1):
            loss = self.loss(self.net(x[idx]).squeeze(1), y[idx]) / self.accumulate
            loss.backward()
            if k % self.accumulate == 0:
                self.opt.step()
        return loss.item() * self.accumulate

    @torch.no_grad()
    def check(self, x, y):
        self.net.eval()
        out = self.net(x).squeeze(1)
        return self.loss(out, y).item(), ((out > 0).float() == y).float().mean().item()


seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
a, b, ya, yb = train_test_split(*load_breast_cancer(return_X_y=True), test_size=0.3, random_state=seed)
sc = StandardScaler().fit(a)
a, b = torch.tensor(sc.transform(a)).float(), torch.tensor(sc.transform(b)).float()
ya, yb = torch.tensor(ya).float(), torch.tensor(yb).float()
learner = Learner()
for epoch in range(25):
    train = learner.one_epoch(a, ya)
    val, acc = learner.check(b, yb)
    print(f"epoch {epoch} train {train:.4f} val {val:.4f} acc {acc:.4f}")
print(f"final_metric={1 - val:.4f}")
