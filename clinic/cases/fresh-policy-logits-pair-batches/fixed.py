import os
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


class ClickModel(nn.Module):
    def __init__(self, n_ads=30, dim=8):
        super().__init__()
        self.ad = nn.Embedding(n_ads, dim)
        self.user = nn.Linear(10, dim)
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, ad, user):
        return (self.ad(ad) * self.user(user)).sum(-1) / 3 + self.bias


A, B = torch.randn(30, 2), torch.randn(10, 2) / 3


def impressions(n):
    ad, user = torch.randint(0, 30, (n,)), torch.randn(n, 10)
    logit = (A[ad] * (user @ B)).sum(1)
    return ad, user, logit


ad, user, logit = impressions(40000)
click = torch.bernoulli(torch.sigmoid(logit))
v_ad, v_user, v_logit = impressions(2000)

per_step = 128
model = ClickModel()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
lossf = nn.BCEWithLogitsLoss()
for step in range(1200):
    i = torch.randint(0, 40000, (per_step,))
    loss = lossf(model(ad[i], user[i]), click[i])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 200 == 0:
        print(f"{step}\t{loss.item():.3f}")
with torch.no_grad():
    z = model(v_ad, v_user)
    acc = ((z > 0) == (v_logit > 0)).float().mean()
print(f"final_metric={acc.item():.4f}")
