import os

import torch
import torch.nn as nn

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)

# retrieval data: 12 prototypes in 40 dimensions, learn 16-bit codes
protos = torch.randn(12, 40)
label = torch.randint(0, 12, (3600,))
feats = protos[label] + 1.7 * torch.randn(3600, 40)
feats = (feats - feats[:3000].mean(0)) / feats[:3000].std(0)
x_train, y_train, x_val, y_val = feats[:3000], label[:3000], feats[3000:], label[3000:]


class HashNet(nn.Module):
    def __init__(self, bits=16, beta=40.0):
        super().__init__()
        self.beta = beta
        self.encode = nn.Linear(40, 32)
        self.hash = nn.Linear(32, bits)
        self.classify = nn.Linear(bits, 12)

    def codes(self, x):
        h = torch.tanh(self.beta * self.encode(x))
        return torch.tanh(self.beta * self.hash(h))

    def forward(self, x):
        return self.classify(self.codes(x))


model = HashNet()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
loss_fn = nn.CrossEntropyLoss()

for epoch in range(12):
    model.train()
    order = torch.randperm(3000)
    for start in range(0, 3000, 60):
        rows = order[start:start + 60]
        loss = loss_fn(model(x_train[rows]), y_train[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        acc = (model(x_val).argmax(-1) == y_val).float().mean()
    print(f"epoch {epoch + 1}: loss={loss:.3f} val={acc:.3f}")

print(f"final_metric={acc.item():.4f}")
