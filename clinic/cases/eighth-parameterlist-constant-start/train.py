import os
import torch
import torch.nn as nn

# %% data: two-dimensional checkerboard
torch.manual_seed(int(os.environ.get("SEED", 0)))
pts = torch.rand(3000, 2) * 4 - 2
lab = ((pts[:, 0].floor() + pts[:, 1].floor()) % 2).long()
pts = pts / pts.std(0)
tr, te = slice(0, 2400), slice(2400, 3000)


# %% net
class Handmade(nn.Module):
    def __init__(self, sizes=(2, 64, 64, 2)):
        super().__init__()
        self.w = nn.ParameterList()
        self.b = nn.ParameterList()
        for a, b in zip(sizes, sizes[1:]):
            self.w.append(nn.Parameter(torch.full((a, b), 0.05)))
            self.b.append(nn.Parameter(torch.zeros(b)))

    def forward(self, h):
        last = len(self.w) - 1
        for k, (w, b) in enumerate(zip(self.w, self.b)):
            h = h @ w + b
            if k < last:
                h = torch.relu(h)
        return h


net = Handmade()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)

# %% train
for epoch in range(25):
    for i in torch.randperm(2400).split(60):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(pts[tr][i]), lab[tr][i])
        loss.backward()
        opt.step()
    if epoch % 5 == 4:
        with torch.no_grad():
            acc = (net(pts[te]).argmax(1) == lab[te]).float().mean().item()
        print(epoch, loss.item(), acc)

# %%
print(f"final_metric={acc:.4f}")
