import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)

N_WRITERS, SIZE = 30, 10
prototypes = rng.normal(size=(N_WRITERS, SIZE, SIZE))


def write(writer):
    img = prototypes[writer] + 0.5 * rng.normal(size=(len(writer), SIZE, SIZE))
    img = np.roll(img, rng.integers(-1, 2), axis=1)
    return (128 + 45 * img).clip(0, 255)


def to_tensor(img):
    return torch.tensor((img - 128) / 50, dtype=torch.float32).unsqueeze(1)


class Tower(nn.Module):
    def __init__(self, dim=24):
        super().__init__()
        self.conv = nn.Conv2d(1, 16, 3, padding=1)
        self.fc1 = nn.Linear(16 * 25, 64)
        self.fc2 = nn.Linear(64, dim)

    def forward(self, x):
        x = F.max_pool2d(torch.tanh(self.conv(x)), 2).flatten(1)
        return F.normalize(self.fc2(torch.tanh(self.fc1(x))), dim=1)


def contrastive(a, b, same, margin=1.0):
    d = (a - b).norm(dim=1)
    return (same * d ** 2 + (1 - same) * F.relu(margin - d) ** 2).mean()


def pair_batch(n):
    left = rng.integers(0, N_WRITERS, n)
    same = rng.random(n) < 0.5
    right = np.where(same, left, (left + rng.integers(1, N_WRITERS, n)) % N_WRITERS)
    return to_tensor(write(left)), to_tensor(write(right)), torch.tensor(same, dtype=torch.float32)


def retrieval(tower):
    tower.eval()
    with torch.no_grad():
        everyone = np.arange(N_WRITERS)
        gallery = tower(to_tensor(write(everyone)))
        asked = rng.integers(0, N_WRITERS, 400)
        query = tower(torch.from_numpy(write(asked)).float().unsqueeze(1))
        found = (query @ gallery.T).argmax(1)
    tower.train()
    return (found.numpy() == asked).mean()


tower = Tower()
opt = torch.optim.Adam(tower.parameters(), lr=1e-3)
for it in range(1, 401):
    a, b, same = pair_batch(64)
    loss = contrastive(tower(a), tower(b), same)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 50 == 0:
        print(f"iteration {it}: loss {loss.item():.4f}, top-1 retrieval {retrieval(tower):.3f}")

print(f"final_metric={np.mean([retrieval(tower) for _ in range(5)]):.4f}")
