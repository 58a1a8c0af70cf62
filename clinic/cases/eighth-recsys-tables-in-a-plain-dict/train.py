import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
USERS, ITEMS, TASTES = 120, 90, 4

taste_u = torch.randn(USERS, TASTES)
taste_i = torch.randn(ITEMS, TASTES)
pairs = torch.cartesian_prod(torch.arange(USERS), torch.arange(ITEMS))
pairs = pairs[torch.randperm(len(pairs))]
score = (taste_u[pairs[:, 0]] * taste_i[pairs[:, 1]]).sum(1) / TASTES ** 0.5 + 0.2 * torch.randn(len(pairs))
n_train = 7000
train = DataLoader(TensorDataset(pairs[:n_train], score[:n_train]), batch_size=100, shuffle=True)
held = pairs[n_train:], score[n_train:]


class TwoTower(nn.Module):
    def __init__(self, dim=12):
        super().__init__()
        self.tables = dict(user=nn.Embedding(USERS, dim), item=nn.Embedding(ITEMS, dim))
        for table in self.tables.values():
            nn.init.normal_(table.weight, std=0.3)
        self.mix = nn.Linear(dim, 1)

    def forward(self, pair):
        u = self.tables["user"](pair[:, 0])
        i = self.tables["item"](pair[:, 1])
        return self.mix(u * i).squeeze(1)


model = TwoTower()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(8):
    model.train()
    run = 0.0
    for pair, target in train:
        opt.zero_grad()
        loss = nn.functional.mse_loss(model(pair), target)
        loss.backward()
        opt.step()
        run += loss.item()
    model.eval()
    with torch.no_grad():
        r2 = 1 - nn.functional.mse_loss(model(held[0]), held[1]) / held[1].var()
    print(f"epoch {epoch}: mse {run / len(train):.4f}, held-out r2 {r2:.4f}")
print(f"final_metric={r2:.4f}")
