import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
U, M, TRUE_RANK = 120, 90, 12
ratings = torch.randn(U, TRUE_RANK) @ torch.randn(TRUE_RANK, M) / TRUE_RANK**0.5
cells = torch.cartesian_prod(torch.arange(U), torch.arange(M))
cells = cells[torch.randperm(len(cells))]
seen, unseen = cells[:8600], cells[8600:]


class Factorisation(nn.Module):
    def __init__(self, k):
        super().__init__()
        self.p = nn.Embedding(U, k)
        self.q = nn.Embedding(M, k)
        for table in (self.p, self.q):
            nn.init.normal_(table.weight, std=0.5 / k**0.25)
        self.user_bias, self.item_bias = nn.Embedding(U, 1), nn.Embedding(M, 1)

    def forward(self, c):
        u, m = c[:, 0], c[:, 1]
        return (self.p(u) * self.q(m)).sum(1) + self.user_bias(u).squeeze(1) + self.item_bias(m).squeeze(1)


def rating(c):
    return ratings[c[:, 0], c[:, 1]] + 0.1 * torch.randn(len(c))


k = 1
model = Factorisation(k)
target = rating(seen)
opt = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=1e-6)
for epoch in range(20):
    for idx in torch.randperm(len(seen)).split(100):
        loss = nn.functional.mse_loss(model(seen[idx]), target[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 4 == 0:
        print(f"epoch {epoch} loss {loss.item():.4f}")
with torch.no_grad():
    mse = nn.functional.mse_loss(model(unseen), rating(unseen))
print(f"final_metric={1 - mse.item() / ratings.var().item():.4f}")
