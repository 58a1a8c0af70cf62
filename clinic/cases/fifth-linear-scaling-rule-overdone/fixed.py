import os
import torch
from torch import nn
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

SEED = int(os.environ.get('SEED', 0))
torch.manual_seed(SEED)

class Autoencoder(nn.Module):
    """robust features: 30 measurements -> 6 -> 30"""
    def __init__(self):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(30, 32), nn.ELU(), nn.Linear(32, 6))
        self.dec = nn.Sequential(nn.Linear(6, 32), nn.ELU(), nn.Linear(32, 30))
    def forward(self, x):
        return self.dec(self.enc(x))

X, _ = load_breast_cancer(return_X_y=True)
tr, va = train_test_split(X, test_size=.3, random_state=SEED)
sc = StandardScaler().fit(tr)
tr, va = (torch.tensor(sc.transform(a), dtype=torch.float32).clamp(-4, 4) for a in (tr, va))
base_lr, batch = 0.25, 32
lr = base_lr * batch / 256
model = Autoencoder()
opt = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
for epoch in range(40):
    for b in torch.randperm(len(tr)).split(batch):
        noisy = tr[b] + .1 * torch.randn(len(b), 30)
        loss = nn.functional.mse_loss(model(noisy), tr[b])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.)
        opt.step()
    with torch.no_grad():
        v = nn.functional.mse_loss(model(va), va).item()
    if epoch % 5 == 4:
        print(f'{epoch + 1}: {loss.item():.4f} val {v:.4f}')
print(f'final_metric={max(-9., 1 - v / va.var(0).mean().item()):.4f}')
