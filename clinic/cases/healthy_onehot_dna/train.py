import os
import numpy as np
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)
MOTIF = [0, 2, 2, 3, 1, 0]


def make(n, L=40):
    seqs = rng.integers(0, 4, (n, L))
    labels = rng.integers(0, 2, n)
    for i in np.flatnonzero(labels):
        at = rng.integers(0, L - len(MOTIF))
        seqs[i, at:at + len(MOTIF)] = MOTIF
    onehot = np.eye(4, dtype=np.float32)[seqs].transpose(0, 2, 1)
    return torch.from_numpy(onehot), torch.from_numpy(labels).float()


x, y = make(3000)
xv, yv = make(800)


class MotifNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(4, 24, 8, padding=4)
        self.fc = nn.Linear(24, 1)

    def forward(self, x):
        return self.fc(torch.relu(self.conv(x)).amax(-1)).squeeze(-1)


net = MotifNet()
opt = torch.optim.Adam(net.parameters(), lr=8e-3, weight_decay=1e-4)
for epoch in range(15):
    for b in torch.randperm(len(x)).split(60):
        loss = nn.functional.binary_cross_entropy_with_logits(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = ((net(xv) > 0) == (yv > 0.5)).float().mean().item()
    print(epoch, acc)
print(f"final_metric={acc:.4f}")
