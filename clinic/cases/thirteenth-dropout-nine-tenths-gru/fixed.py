import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
VOCAB, LEN, CLASSES, P_DROP = 80, 12, 6, 0.2
topic = torch.randint(0, CLASSES, (VOCAB,))


def documents(n):
    y = torch.randint(0, CLASSES, (n,))
    words = torch.randint(0, VOCAB, (n, LEN))
    for k in range(CLASSES):
        own = (topic == k).nonzero().squeeze(1)
        rows = (y == k).nonzero().squeeze(1)
        mix = torch.rand(len(rows), LEN) < 0.3
        words[rows] = torch.where(mix, own[torch.randint(0, len(own), (len(rows), LEN))], words[rows])
    return words, y


class TextNet(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, 32)
        self.drop1 = nn.Dropout(p)
        self.gru = nn.GRU(32, 32, batch_first=True)
        self.drop2 = nn.Dropout(p)
        self.fc = nn.Linear(32, 32)
        self.drop3 = nn.Dropout(p)
        self.out = nn.Linear(32, CLASSES)

    def forward(self, w):
        h, _ = self.gru(self.drop1(self.emb(w)))
        h = self.drop2(h.mean(1))
        return self.out(self.drop3(torch.relu(self.fc(h))))


x, y = documents(2000)
xv, yv = documents(600)
net = TextNet(P_DROP)
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
for epoch in range(8):
    net.train()
    for b in torch.randperm(2000).split(50):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x[b]), y[b])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        acc = (net(xv).argmax(1) == yv).float().mean().item()
    print("epoch", epoch, "loss", loss.item(), "acc", acc)
print(f"final_metric={acc:.4f}")
