import os
import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)

N_USERS, N_ITEMS, DIM = 60, 80, 6
true_u = np.random.randn(N_USERS, 3)
true_i = np.random.randn(N_ITEMS, 3)
pairs = np.stack(np.meshgrid(np.arange(N_USERS), np.arange(N_ITEMS)), -1).reshape(-1, 2)
np.random.shuffle(pairs)
ratings = (true_u[pairs[:, 0]] * true_i[pairs[:, 1]]).sum(1) / 1.7
ratings = ratings + 0.1 * np.random.randn(len(ratings))
n_train = 3800
pairs_t = torch.as_tensor(pairs)
ratings_t = torch.as_tensor(ratings, dtype=torch.float32)


class Recommender(nn.Module):
    def __init__(self):
        super().__init__()
        self.user = nn.Embedding(N_USERS, DIM)
        self.item = nn.Embedding(N_ITEMS, DIM)
        self.mlp = nn.Sequential(nn.Linear(DIM * 3, 32), nn.ReLU(), nn.Linear(32, 1))

    def lookup(self, table, ids):
        return torch.from_numpy(table.weight.detach().numpy()[ids.numpy()])

    def forward(self, u, i):
        pu = self.lookup(self.user, u)
        qi = self.lookup(self.item, i)
        return self.mlp(torch.cat([pu, qi, pu * qi], dim=1)).squeeze(1)


model = Recommender()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for step in range(900):
    idx = torch.randint(0, n_train, (128,))
    pred = model(pairs_t[idx, 0], pairs_t[idx, 1])
    loss = ((pred - ratings_t[idx]) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 150 == 0:
        print("step", step, "mse", float(loss))

with torch.no_grad():
    p = model(pairs_t[n_train:, 0], pairs_t[n_train:, 1])
    t = ratings_t[n_train:]
print("final_metric=%.4f" % (1 - ((p - t) ** 2).mean() / t.var()).item())
