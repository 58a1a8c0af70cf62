# %% [markdown]
# # Vanilla RNN from scratch: which of two tones sounded longer?
# %%
import os, torch
import torch.nn.functional as F
SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
H, T = 48, 18

# %%
def make(n):
    steps = torch.randn(n, T, 2)
    y = (steps[:, :, 0].sum(1) > steps[:, :, 1].sum(1)).float()
    return steps, y

Xtr, Ytr = make(2000)
Xte, Yte = make(500)

# %%
Wx = (torch.randn(2, H) * 0.3).requires_grad_()
Wh = (torch.randn(H, H) * 1 / H ** 0.5).requires_grad_()
bh = torch.zeros(H, requires_grad=True)
Wy = (torch.randn(H, 1) / H ** 0.5).requires_grad_()
by = torch.zeros(1, requires_grad=True)
params = [Wx, Wh, bh, Wy, by]

def forward(x):
    h = torch.zeros(x.shape[0], H)
    for t in range(T):
        h = torch.tanh(x[:, t] @ Wx + h @ Wh + bh)
    return (h @ Wy + by).squeeze(1)

# %%
opt = torch.optim.SGD(params, lr=0.1)
for epoch in range(12):
    order = torch.randperm(len(Xtr))
    for i in range(0, len(order), 50):
        b = order[i:i + 50]
        loss = F.binary_cross_entropy_with_logits(forward(Xtr[b]), Ytr[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = ((forward(Xte) > 0).float() == Yte).float().mean().item()
    print(epoch, round(loss.item(), 4), acc)
# %%
print(f"final_metric={acc:.4f}")
