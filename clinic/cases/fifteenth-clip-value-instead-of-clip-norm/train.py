import os
import torch
import torch.nn as nn
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
w = load_wine()
Xtr, Xte, ytr, yte = train_test_split(w.data, w.target, test_size=0.3, random_state=seed, stratify=w.target)
sc = StandardScaler().fit(Xtr)
Xtr, Xte = [torch.tensor(sc.transform(a), dtype=torch.float32) for a in (Xtr, Xte)]
ytr, yte = torch.tensor(ytr), torch.tensor(yte)


class Trainer:
    max_grad = 2e-5

    def __init__(self):
        self.model = nn.Sequential(nn.Linear(13, 24), nn.ReLU(), nn.Linear(24, 3))
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.05, weight_decay=1e-3)
        self.log = []

    def training_step(self, batch):
        x, y = batch
        return nn.functional.cross_entropy(self.model(x), y)

    def fit(self, epochs):
        for e in range(epochs):
            for b in torch.randperm(len(Xtr)).split(16):
                loss = self.training_step((Xtr[b], ytr[b]))
                self.optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_value_(self.model.parameters(), self.max_grad)
                self.optimizer.step()
                self.log.append(loss.item())
            if e % 10 == 0:
                print("epoch", e, "loss", self.log[-1])

    @torch.no_grad()
    def test(self):
        out = self.model(Xte)
        return -nn.functional.cross_entropy(out, yte).item()


t = Trainer()
t.fit(60)
print(f"final_metric={t.test():.4f}")
