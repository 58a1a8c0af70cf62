"""Contrastive embedding of noisy line drawings (InfoNCE, two views per drawing), judged by nearest neighbours."""
import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)

CLASSES = 24
templates = (np.random.rand(CLASSES, 1, 10, 10) < 0.25).astype(np.float32)


def view(lab):
    img = templates[lab] * np.random.uniform(0.5, 1.5, (len(lab), 1, 1, 1))
    img = img + np.random.normal(0, 0.5, img.shape)
    return torch.tensor((img - 0.25) / 0.68, dtype=torch.float32)


class Encoder(nn.Module):
    def __init__(self, dim=24):
        super().__init__()
        self.conv = nn.Conv2d(1, 12, 3)
        self.fc = nn.Linear(12 * 16, dim)

    def forward(self, x):
        x = F.max_pool2d(F.leaky_relu(self.conv(x)), 2)
        return F.normalize(self.fc(x.flatten(1)), dim=1)


def info_nce(za, zb, tau=0.01):
    sim = za @ zb.t() / tau
    log_norm = torch.log(torch.exp(sim).sum(1))
    return (log_norm - sim.diagonal()).mean()


lab_ref, lab_val = np.arange(CLASSES).repeat(5), np.random.randint(0, CLASSES, 500)
x_ref, x_val = view(lab_ref), view(lab_val)
model = Encoder()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

for epoch in range(10):
    model.train()
    for _ in range(40):
        # one drawing of every class per step
        lab = np.random.permutation(CLASSES)
        optimizer.zero_grad()
        loss = info_nce(model(view(lab)), model(view(lab)))
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        near = (model(x_val) @ model(x_ref).t()).argmax(1).numpy()
    acc = float((lab_ref[near] == lab_val).mean())
    print(f"epoch {epoch}: loss={loss.item():.4f} 1-nn acc={acc:.4f}")

print(f"final_metric={acc:.4f}")
