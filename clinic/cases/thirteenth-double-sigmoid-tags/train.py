import os
import torch
from torch import nn
from sklearn.datasets import make_multilabel_classification
from sklearn.metrics import f1_score

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, Y = make_multilabel_classification(2400, n_features=30, n_classes=6, n_labels=2, length=60, random_state=seed)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
Y = torch.tensor(Y, dtype=torch.float32)


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(30, 64), nn.GELU(), nn.Dropout(0.1), nn.Linear(64, 6))

    def forward(self, x):
        return torch.sigmoid(self.net(x))


def train_epoch(model, opt, crit):
    model.train()
    for i in torch.randperm(1800).split(32):
        opt.zero_grad(set_to_none=True)
        loss = crit(model(X[i]), Y[i])
        loss.backward()
        opt.step()
    return loss.item()


model = Tagger()
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
crit = nn.BCEWithLogitsLoss()
for epoch in range(10):
    print(epoch, train_epoch(model, opt, crit))
model.eval()
with torch.no_grad():
    probs = model(X[1800:])
f1 = f1_score(Y[1800:].numpy(), (probs > 0.5).numpy(), average="micro", zero_division=0)
print(f"final_metric={f1:.4f}")
