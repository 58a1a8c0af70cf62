import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
VOCAB, CONTEXT = 20, 24
chain = torch.softmax(2.0 * torch.randn(VOCAB, VOCAB), 1)


def text(n):
    out = [0]
    for _ in range(n):
        out.append(torch.multinomial(chain[out[-1]], 1).item())
    return torch.tensor(out)


def chunks(s):
    n = (len(s) - 1) // CONTEXT
    return s[:n * CONTEXT].view(n, CONTEXT), s[1:n * CONTEXT + 1].view(n, CONTEXT)


class CharGRU(nn.Module):
    def __init__(self, dim=32, hidden=64):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, dim)
        self.gru = nn.GRU(dim, hidden, batch_first=True)
        self.out = nn.Linear(hidden, VOCAB)

    def forward(self, x):
        h, _ = self.gru(self.emb(x))
        return self.out(h)


CORPUS_SIZE, EPOCHS = 1500, 80
x, y = chunks(text(CORPUS_SIZE))
xv, yv = chunks(text(4000))
model = CharGRU()
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(EPOCHS):
    model.train()
    for idx in torch.randperm(len(x)).split(16):
        opt.zero_grad()
        loss = loss_fn(model(x[idx]).flatten(0, 1), y[idx].flatten())
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        val = loss_fn(model(xv).flatten(0, 1), yv.flatten()).item()
    print(f"epoch {epoch} train {loss.item():.4f} val {val:.4f}")
print(f"final_metric={-val:.4f}")
