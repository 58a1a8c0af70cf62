import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
CARD = [12, 7, 20]
effects = [torch.randn(c) for c in CARD]
w = torch.randn(6)


def rows(n):
    cat = torch.stack([torch.randint(0, c, (n,)) for c in CARD], 1)
    num = torch.randn(n, 6)
    score = sum(e[cat[:, i]] for i, e in enumerate(effects)) + 0.5 * num @ w + 0.6 * num[:, 0] * effects[0][cat[:, 0]]
    return cat, num, (score + 0.3 * torch.randn(n) > 0).float()


class TabularNet(nn.Module):
    def __init__(self, cardinalities, n_num, emb_dim=6, hidden=48):
        super().__init__()
        self.embeddings = nn.ModuleList([nn.Embedding(c, emb_dim) for c in cardinalities])
        self.mlp = nn.Sequential(
            nn.Linear(emb_dim * len(cardinalities) + n_num, hidden), nn.ReLU(),
            nn.Linear(hidden, hidden), nn.ReLU(),
            nn.Linear(hidden, 1),
        )

    def forward(self, cat, num):
        e = [emb(cat[:, i]) for i, emb in enumerate(self.embeddings)]
        return self.mlp(torch.cat(e + [num], 1)).squeeze(1)


class Trainer:
    def __init__(self, model, lr=2e-3, weight_decay=0.3):
        self.model = model
        self.opt = torch.optim.Adam(model.parameters(), lr=lr, weight_decay=weight_decay)
        self.loss_fn = nn.BCEWithLogitsLoss()

    def epoch(self, loader):
        self.model.train()
        for cat, num, y in loader:
            self.opt.zero_grad(set_to_none=True)
            loss = self.loss_fn(self.model(cat, num), y)
            loss.backward()
            self.opt.step()
        return loss.item()

    @torch.inference_mode()
    def score(self, cat, num, y):
        self.model.eval()
        return ((self.model(cat, num) > 0).float() == y).float().mean().item()


train_loader = DataLoader(TensorDataset(*rows(5000)), batch_size=64, shuffle=True)
test = rows(2000)
trainer = Trainer(TabularNet(CARD, 6))
for epoch in range(7):
    loss = trainer.epoch(train_loader)
    acc = trainer.score(*test)
    print(f"epoch {epoch} loss {loss:.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
