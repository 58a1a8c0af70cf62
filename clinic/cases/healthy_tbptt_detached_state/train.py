import os
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

# a Markov "language": the next symbol depends on the last two
V = 10
table = torch.rand(V, V, V).pow(6)
table = table / table.sum(-1, keepdim=True)


def generate(streams, length):
    a, b = torch.randint(0, V, (streams,)), torch.randint(0, V, (streams,))
    out = []
    for _ in range(length):
        c = torch.multinomial(table[a, b], 1).squeeze(1)
        out.append(c)
        a, b = b, c
    return torch.stack(out, 1)


train_data, val_data = generate(32, 2001), generate(32, 201)
best_possible = table.max(-1).values.mean().item()


class CharRNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(V, 16)
        self.rnn = nn.GRU(16, 48, batch_first=True)
        self.out = nn.Linear(48, V)

    def forward(self, x, h=None):
        o, h = self.rnn(self.emb(x), h)
        return self.out(o), h


model = CharRNN()
opt = torch.optim.Adam(model.parameters(), lr=8e-3)
BPTT = 20
for epoch in range(5):
    h = None
    for i in range(0, train_data.shape[1] - 1, BPTT):
        x, y = train_data[:, i:i + BPTT], train_data[:, i + 1:i + 1 + BPTT]
        if h is not None:
            h = h.detach()
        logits, h = model(x, h)
        loss = nn.functional.cross_entropy(logits.reshape(-1, V), y.reshape(-1))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
    print(f"epoch {epoch} loss {loss.item():.3f}")
with torch.no_grad():
    logits, _ = model(val_data[:, :-1])
    acc = (logits.argmax(-1) == val_data[:, 1:]).float().mean().item()
print(f"token accuracy {acc:.3f} (an oracle gets about {best_possible:.3f})")
print(f"final_metric={acc:.4f}")
