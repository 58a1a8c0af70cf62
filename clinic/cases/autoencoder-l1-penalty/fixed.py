import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

seed = int(os.environ.get('SEED', 0))
torch.manual_seed(seed)
np.random.seed(seed)

L1 = 1e-6          # strength of the sparsity penalty


def waves(n):
    # sums of three sine waves with random amplitude, sampled at 40 points
    t = np.linspace(0, 1, 40)
    basis = np.stack([np.sin(2 * np.pi * k * t + k) for k in range(1, 7)])
    amp = np.random.randn(n, 6)
    return torch.tensor(amp @ basis / np.sqrt(3), dtype=torch.float32)


class AE(nn.Module):
    def __init__(self, code=8):
        super().__init__()
        self.e1 = nn.Linear(40, 64)
        self.e2 = nn.Linear(64, code)
        self.d1 = nn.Linear(code, 64)
        self.d2 = nn.Linear(64, 40)

    def encode(self, x):
        return self.e2(F.gelu(self.e1(x)))

    def forward(self, x):
        return self.d2(F.gelu(self.d1(self.encode(x))))


train, valid = waves(4000), waves(1000)
ae = AE()
opt = torch.optim.Adam(ae.parameters(), lr=2e-3)
sched = torch.optim.lr_scheduler.StepLR(opt, step_size=8, gamma=0.5)

for epoch in range(16):
    ae.train()
    for idx in torch.randperm(len(train)).split(100):
        clean = train[idx]
        recon = ae(clean + 0.1 * torch.randn_like(clean))
        mse = F.mse_loss(recon, clean)
        penalty = sum(w.abs().sum() for n, w in ae.named_parameters() if n.endswith('weight'))
        total = mse + L1 * penalty
        opt.zero_grad()
        total.backward()
        opt.step()
    sched.step()
    ae.eval()
    with torch.no_grad():
        v = F.mse_loss(ae(valid), valid).item()
    print('epoch %d  total %.4f  mse %.4f  valid mse %.4f' % (epoch, total.item(), mse.item(), v))

print('final_metric=%.4f' % (1 - v / valid.var().item()))
