import os
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

# bracket depth (0..4) after each character of a random expression: "(", ")", "x"
def expression():
    n = int(torch.randint(14, 30, (1,)))
    depth, toks, tags = 0, [], []
    for r in torch.rand(n).tolist():
        if r < 0.35 and depth < 4:
            depth += 1; toks.append(1)
        elif r < 0.65 and depth > 0:
            depth -= 1; toks.append(2)
        else:
            toks.append(3)
        tags.append(depth)
    return torch.tensor(toks), torch.tensor(tags)


def collate(items):
    x = pad_sequence([i[0] for i in items], batch_first=True, padding_value=0)
    y = pad_sequence([i[1] for i in items], batch_first=True, padding_value=-100)
    return x, y


train_set = [expression() for _ in range(1000)]
val_set = [expression() for _ in range(300)]
loader = torch.utils.data.DataLoader(train_set, batch_size=40, shuffle=True, collate_fn=collate)


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(4, 16, padding_idx=0)
        self.gru = nn.GRU(16, 32, batch_first=True)
        self.out = nn.Linear(32, 5)

    def forward(self, x):
        return self.out(self.gru(self.emb(x))[0])


net = Tagger()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
crit = nn.CrossEntropyLoss(ignore_index=-100)
for epoch in range(8):
    for x, y in loader:
        opt.zero_grad()
        loss = crit(net(x).flatten(0, 1), y.flatten())
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    x, y = collate(val_set)
    keep = y != -100
    acc = (net(x).argmax(-1)[keep] == y[keep]).float().mean().item()
print(f"final_metric={acc:.4f}")
