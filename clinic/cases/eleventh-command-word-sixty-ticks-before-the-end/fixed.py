import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
COMMANDS, NOISE, TICKS = 4, 12, 70


def utterances(n):
    x = torch.randint(COMMANDS, COMMANDS + NOISE, (n, TICKS))
    y = torch.randint(0, COMMANDS, (n,))
    x[torch.arange(n), torch.randint(0, 6, (n,))] = y
    return x, y


class CommandNet(nn.Module):
    def __init__(self, emb=16, hid=32):
        super().__init__()
        self.embed = nn.Embedding(COMMANDS + NOISE, emb)
        self.rnn = nn.RNN(emb, hid, batch_first=True)
        self.cls = nn.Linear(hid, COMMANDS)

    def forward(self, x):
        out, _ = self.rnn(self.embed(x))
        return self.cls(out.max(1).values)


x, y = utterances(1500)
x_te, y_te = utterances(400)
model = CommandNet()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(12):
    for idx in torch.randperm(len(x)).split(50):
        loss = F.cross_entropy(model(x[idx]), y[idx])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
    with torch.no_grad():
        acc = (model(x_te).argmax(1) == y_te).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.3f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
