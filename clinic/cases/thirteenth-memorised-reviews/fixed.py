import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
VOCAB, LEN = 300, 20
good = torch.zeros(VOCAB)
good[:30], good[30:60] = 1.0, -1.0
PATIENCE = 2


def texts(n):
    ids = torch.randint(0, VOCAB, (n, LEN))
    strength = good[ids].sum(1)
    return ids, (strength + 0.8 * torch.randn(n) > 0).float()


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, 64)
        self.conv = nn.Conv1d(64, 64, 3, padding=1)
        self.fc = nn.Linear(64, 1)

    def forward(self, ids):
        h = torch.relu(self.conv(self.emb(ids).transpose(1, 2)))
        return self.fc(h.mean(2)).squeeze(1)


train = DataLoader(TensorDataset(*texts(600)), batch_size=20, shuffle=True)
vx, vy = texts(1500)
tx, ty = texts(1500)
model = Model()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
bce = nn.BCEWithLogitsLoss()
best, waited, kept = float("inf"), 0, None
for epoch in range(25):
    model.train()
    total = 0.0
    for x, y in train:
        opt.zero_grad()
        loss = bce(model(x), y)
        loss.backward()
        opt.step()
        total += loss.item() / len(train)
    model.eval()
    with torch.no_grad():
        val = bce(model(vx), vy).item()
    print(f"epoch {epoch} train {total:.4f} valid {val:.4f}")
    if PATIENCE is not None:
        if val < best:
            best, waited = val, 0
            kept = {k: v.clone() for k, v in model.state_dict().items()}
        else:
            waited += 1
            if waited == PATIENCE:
                model.load_state_dict(kept)
                break
with torch.no_grad():
    print(f"final_metric={-bce(model(tx), ty).item():.4f}")
