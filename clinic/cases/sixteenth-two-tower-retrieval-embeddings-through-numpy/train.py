import os
import numpy as np
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
np.random.seed(int(os.environ.get("SEED", 0)))

n_users, n_items, d = 120, 80, 6
U, V = np.random.randn(n_users, 3), np.random.randn(n_items, 3)
uid = np.random.randint(0, n_users, 9000)
iid = np.random.randint(0, n_items, 9000)
like = ((U[uid] * V[iid]).sum(1) + 0.3 * np.random.randn(9000) > 0).astype("float32")
uid, iid, like = torch.tensor(uid), torch.tensor(iid), torch.tensor(like)
cut = 7500


class Towers(nn.Module):
    def __init__(self):
        super().__init__()
        self.user = nn.Embedding(n_users, d)
        self.item = nn.Embedding(n_items, d)
        self.item_bias = nn.Embedding(n_items, 1)

    def forward(self, u, i):
        eu, ei = self.user(u), self.item(i)
        affinity = torch.from_numpy((eu.detach().numpy() * ei.detach().numpy()).sum(axis=1))
        return affinity + self.item_bias(i).squeeze(1)


model = Towers()
opt = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=1e-4)
loss_function = nn.BCEWithLogitsLoss()
for epoch in range(12):
    order = torch.randperm(cut)
    for k in range(0, cut, 128):
        j = order[k:k + 128]
        opt.zero_grad()
        out = loss_function(model(uid[j], iid[j]), like[j])
        out.backward()
        opt.step()
    with torch.no_grad():
        s = model(uid[cut:], iid[cut:])
        acc = ((s > 0).float() == like[cut:]).float().mean().item()
    print("epoch", epoch, "loss", float(out), "held out acc", acc)
print("final_metric=" + str(round(acc, 4)))
