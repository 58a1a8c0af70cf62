import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
U, M = 150, 100
liking = torch.randn(U, 3) @ torch.randn(3, M) + 0.5 * torch.randn(U, 1) + 0.7 * torch.randn(1, M)
cells = torch.cartesian_prod(torch.arange(U), torch.arange(M))
cells = cells[torch.randperm(len(cells))][:10000]
score = liking[cells[:, 0], cells[:, 1]] + 0.2 * torch.randn(len(cells))
score = score / score[:8000].std()


class MF(nn.Module):
    def __init__(self, k=4):
        super().__init__()
        self.user, self.item = nn.Embedding(U, k), nn.Embedding(M, k)
        self.bu, self.bi = nn.Embedding(U, 1), nn.Embedding(M, 1)
        for e in (self.user, self.item, self.bu, self.bi):
            nn.init.normal_(e.weight, std=0.3)

    def forward(self, c):
        return (self.user(c[:, 0]) * self.item(c[:, 1])).sum(1) + (self.bu(c[:, 0]) + self.bi(c[:, 1])).squeeze(1)


model = MF()
opt = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(6):
    for idx in torch.randperm(8000).split(100):
        loss = nn.functional.mse_loss(model(cells[idx]), score[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        test = nn.functional.mse_loss(model(cells[8000:]), score[8000:])
    print(f"epoch {epoch} train {loss.item():.4f} test {test.item():.4f}")
print(f"final_metric={1 - test.item() / score[8000:].var().item():.4f}")
