import os
import random
import torch
import torch.nn as nn

random.seed(int(os.environ.get("SEED", 0))); torch.manual_seed(int(os.environ.get("SEED", 0)))
V, L = 1500, 12
topics = [[random.randrange(V) for _ in range(120)] for _ in range(6)]

def line(label):
    return [random.choice(topics[label]) if random.random() < .5 else random.randrange(V) for _ in range(L)]

lines = []
for label in range(6):
    for _ in range(700):
        lines.append((line(label), label))
random.shuffle(lines)

test = [(line(l), l) for l in range(6) for _ in range(100)]
text, y = torch.tensor([t for t, _ in lines]), torch.tensor([l for _, l in lines])

class FastText(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.input = nn.EmbeddingBag(V, dim, mode="mean")
        self.output = nn.Linear(dim, 6)
    def forward(self, t):
        return self.output(self.input(t))

model = FastText()
lr, epochs, bs = 1.0, 4, 6
opt = torch.optim.SGD(model.parameters(), lr=lr)
for epoch in range(epochs):
    for i in range(0, len(y), bs):
        loss = nn.functional.cross_entropy(model(text[i:i + bs]), y[i:i + bs])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print("epoch", epoch, "loss", loss.item())
with torch.no_grad():
    pred = model(torch.tensor([t for t, _ in test])).argmax(1)
print("final_metric=%.4f" % (pred == torch.tensor([l for _, l in test])).float().mean().item())
