import os
import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
words = ["".join(rng.choice(list("aeioulmnrst"), rng.integers(2, 6))) for _ in range(30)]
text = " ".join(rng.choice(words, 5000))
chars = sorted(set(text))
stoi = {c: i for i, c in enumerate(chars)}
data = torch.tensor([stoi[c] for c in text])
split = int(0.9 * len(data))
train_data, val_data = data[:split], data[split:]
block = 24


def get_batch(d, n):
    ix = torch.randint(len(d) - block - 1, (n,))
    return torch.stack([d[i:i + block] for i in ix]), torch.stack([d[i + 1:i + block + 1] for i in ix])


class CharGRU(nn.Module):
    def __init__(self, v, e=16, h=48):
        super().__init__()
        self.e, self.g, self.o = nn.Embedding(v, e), nn.GRU(e, h, batch_first=True), nn.Linear(h, v)

    def forward(self, x, targets):
        logits = self.o(self.g(self.e(x))[0])
        return nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())


model = CharGRU(len(chars))
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for it in range(400):
    loss = model(*get_batch(train_data, 24))
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 5.0)
    optimizer.step()
    if it % 50 == 49:
        with torch.no_grad():
            val = model(*get_batch(val_data, 200)).item()
        print(f"iter {it + 1}: train {loss.item():.4f} val {val:.4f}")
print(f"final_metric={1 - val / np.log(len(chars)):.4f}")
