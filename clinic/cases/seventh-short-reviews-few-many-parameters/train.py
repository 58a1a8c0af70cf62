import os
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
VOCAB, LEN = 300, 14
polarity = torch.randn(VOCAB) * (torch.rand(VOCAB) < 0.4)


def reviews(n):
    tok = torch.randint(0, VOCAB, (n, LEN))
    return tok, (polarity[tok].sum(1) + 0.5 * torch.randn(n) > 0).float()


class Sentiment(nn.Module):
    def __init__(self, emb, hid, drop):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, emb)
        self.lstm = nn.LSTM(emb, hid, batch_first=True, bidirectional=True)
        self.drop = nn.Dropout(drop)
        self.fc = nn.Linear(2 * hid, 1)

    def forward(self, x):
        h, _ = self.lstm(self.drop(self.emb(x)))
        return self.fc(self.drop(h.mean(1))).squeeze(1)


tx, ty = reviews(150)
vx, vy = reviews(500)
net = Sentiment(64, 64, 0.0)
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
bce = nn.BCEWithLogitsLoss()
for epoch in range(40):
    net.train()
    run = 0.0
    for b in torch.randperm(len(tx)).split(16):
        opt.zero_grad()
        loss = bce(net(tx[b]), ty[b])
        loss.backward()
        opt.step()
        run += loss.item() * len(b) / len(tx)
    net.eval()
    with torch.no_grad():
        out = net(vx)
    acc = ((out > 0).float() == vy).float().mean().item()
    print(f"{epoch:2d} train loss {run:.4f} val loss {bce(out, vy).item():.4f} val acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
