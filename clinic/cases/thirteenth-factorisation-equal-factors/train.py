import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
USERS, ITEMS, RANK = 80, 60, 6

true_u, true_v = torch.randn(USERS, RANK), torch.randn(ITEMS, RANK)
users, items = torch.meshgrid(torch.arange(USERS), torch.arange(ITEMS), indexing="ij")
users, items = users.flatten(), items.flatten()
rating = (true_u[users] * true_v[items]).sum(1) / RANK**0.5 + 0.1 * torch.randn(len(users))
keep = torch.randperm(len(users))
train, test = keep[:3600], keep[3600:]


class MF(nn.Module):
    def __init__(self, rank):
        super().__init__()
        self.user = nn.Embedding(USERS, rank)
        self.item = nn.Embedding(ITEMS, rank)
        self.user_bias = nn.Embedding(USERS, 1)
        self.item_bias = nn.Embedding(ITEMS, 1)
        nn.init.constant_(self.user.weight, 0.1)
        nn.init.constant_(self.item.weight, 0.1)
        nn.init.zeros_(self.user_bias.weight)
        nn.init.zeros_(self.item_bias.weight)

    def forward(self, u, i):
        dot = (self.user(u) * self.item(i)).sum(1)
        return dot + self.user_bias(u).squeeze(1) + self.item_bias(i).squeeze(1)


model = MF(RANK)
opt = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(30):
    for b in train[torch.randperm(len(train))].split(128):
        loss = nn.functional.mse_loss(model(users[b], items[b]), rating[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    r2 = 1 - nn.functional.mse_loss(model(users[test], items[test]), rating[test]) / rating[test].var()
print(f"final_metric={r2.item():.4f}")
