import os
import torch
import torch.nn as nn

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
T, K = 50, 6


def strings(n):
    s = torch.randint(K, K + 8, (n, T))
    s[:, 0] = torch.randint(0, K, (n,))
    return s, s[:, 0].clone()


class Recall(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(K + 8, 16)
        self.rnn = nn.RNN(16, 48, batch_first=True)
        self.out = nn.Linear(48, K)

    def forward(self, s):
        h, _ = self.rnn(self.emb(s))
        return self.out(h[:, -1])


x_train, y_train = strings(3000)
x_val, y_val = strings(500)
model = Recall()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(8):
    model.train()
    for rows in torch.randperm(3000).split(50):
        optimizer.zero_grad()
        loss = loss_fn(model(x_train[rows]), y_train[rows])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
    model.eval()
    with torch.no_grad():
        acc = (model(x_val).argmax(1) == y_val).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} val acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
