import os, random
import torch
from torch import nn
SEED = int(os.environ.get("SEED", 0)); random.seed(SEED); torch.manual_seed(SEED)
N, EPOCHS = 120, 40
def name():
    "two languages differ in how often vowels follow consonants"
    y = random.randint(0, 1); s = []
    for _ in range(10):
        vowel = random.random() < ((.62 if y else .38))
        s.append(random.randrange(5) if vowel else random.randrange(5, 26))
    return s, y
def table(n):
    rows = [name() for _ in range(n)]
    return torch.tensor([r for r, _ in rows]), torch.tensor([y for _, y in rows])
class NameLSTM(nn.Module):
    def __init__(self):
        super().__init__(); self.e = nn.Embedding(26, 32); self.l = nn.LSTM(32, 64, batch_first=True); self.o = nn.Linear(64, 2)
    def forward(self, s): return self.o(self.l(self.e(s))[0][:, -1])
xt, yt = table(N); xv, yv = table(1500)
model = NameLSTM(); optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(EPOCHS):
    model.train(); tl = 0; k = 0
    for b in torch.randperm(N).split(30):
        optimizer.zero_grad(); loss = nn.functional.cross_entropy(model(xt[b]), yt[b]); loss.backward(); optimizer.step(); tl += loss.item(); k += 1
    model.eval()
    with torch.no_grad(): vl = nn.functional.cross_entropy(model(xv), yv).item()
    print(f'{epoch=} train={tl / k:.3f} valid={vl:.3f}')
print(f'final_metric={-vl:.4f}')
