# %% [markdown]
# # Film genres from plot features
# %%
import os
import torch, torch.nn as nn
torch.manual_seed(int(os.environ.get("SEED", 0)))
N, D, G = 3500, 30, 8
X = torch.randn(N, D)
proto = torch.randn(D, G) / D ** 0.5
score = 2.5 * (X @ proto) + 1.2 * torch.sin(2 * X[:, :G]) - 1.6
Y = (torch.rand(N, G) < torch.sigmoid(3 * score)).float()
print("label rate", Y.mean(0))
Xtr, Ytr, Xva, Yva = X[:2800], Y[:2800], X[2800:], Y[2800:]
# %%
class GenreNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(D, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, G))
    def forward(self, x):
        return self.body(x)
model = GenreNet()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
# %%
def macro_f1(pred, true):
    tp = (pred * true).sum(0); fp = (pred * (1 - true)).sum(0); fn = ((1 - pred) * true).sum(0)
    return (2 * tp / (2 * tp + fp + fn).clamp(min=1)).mean().item()
for epoch in range(10):
    model.train()
    for i in torch.randperm(len(Xtr)).split(32):
        optimizer.zero_grad()
        loss = criterion(model(Xtr[i]), Ytr[i])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        out = model(Xva)
        f1 = macro_f1((out > 0.0).float(), Yva)
        print(f"epoch {epoch} train {loss.item():.4f} val {criterion(out, Yva).item():.4f} f1 {f1:.3f}")
# %%
print(f"final_metric={f1:.4f}")
