import os
import warnings
import torch
import torch.nn as nn

warnings.filterwarnings("ignore")
torch.manual_seed(int(os.environ.get("SEED", 0)))
V, L = 12, 10


def make(n):
    x = torch.randint(0, V, (n, L))
    y = ((x[:, :5] >= 6).sum(1) > (x[:, 5:] >= 6).sum(1)).long()
    return x, y


class Tagger(nn.Module):
    def __init__(self, d=6):
        super().__init__()
        self.emb = nn.Embedding(V, d)
        self.fc = nn.Linear(d * L, 12)
        self.head = nn.Linear(12, 2)

    def forward(self, x):
        h = torch.relu(self.fc(self.emb(x).flatten(1)))
        h = torch.tensor(h)          # make sure that it is a float tensor
        return self.head(h)


Xtr, ytr = make(4000)
Xte, yte = make(1000)
model = Tagger()
optim = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(8):
    model.train()
    for b in torch.randperm(len(Xtr)).split(64):
        loss = nn.functional.cross_entropy(model(Xtr[b]), ytr[b])
        optim.zero_grad()
        loss.backward()
        optim.step()
    model.eval()
    with torch.no_grad():
        acc = (model(Xte).argmax(1) == yte).float().mean().item()
    print("epoch", epoch, "loss", round(loss.item(), 4), "acc", round(acc, 4))
print(f"final_metric={acc:.4f}")
