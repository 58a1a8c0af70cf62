import os
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


def gen(n, T=12, C=12):
    # class = which of 12 symbols appears most often
    y = torch.randint(0, C, (n,))
    x = torch.randint(0, C, (n, T))
    mask = torch.rand(n, T) < 0.4
    x = torch.where(mask, y[:, None].expand(-1, T), x)
    return x, y


class GRUClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(12, 16)
        self.gru = nn.GRU(16, 32, batch_first=True)
        self.fc = nn.Linear(32, 12)
        self.softmax = nn.Softmax(dim=1)

    def forward(self, x):
        out, h = self.gru(self.embedding(x))
        return self.fc(out.mean(1))


Xtr, ytr = gen(2000)
Xte, yte = gen(500)
model = GRUClassifier()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
for i in range(350):
    idx = torch.randint(0, 2000, (24,))
    output = model(Xtr[idx])
    loss = criterion(output, ytr[idx])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if i % 100 == 0:
        print("iter", i, "loss", loss.item())
with torch.no_grad():
    acc = (model(Xte).argmax(1) == yte).float().mean().item()
print(f"final_metric={acc}")
