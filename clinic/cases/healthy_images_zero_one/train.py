import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
digits = load_digits()
X = torch.tensor(digits.images / 16.0).float().unsqueeze(1)   # like ToTensor()
y = torch.tensor(digits.target)
idx = torch.randperm(len(X))
Xtr, ytr, Xte, yte = X[idx[:1437]], y[idx[:1437]], X[idx[1437:]], y[idx[1437:]]


class LeNetish(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 16, 3)
        self.c2 = nn.Conv2d(16, 16, 3)
        self.f1 = nn.Linear(256, 64)
        self.f2 = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.c1(x))
        x = F.relu(self.c2(x))
        x = x.view(x.size(0), -1)
        x = F.relu(self.f1(x))
        return F.log_softmax(self.f2(x), dim=1)


model = LeNetish()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 6, gamma=0.3)
for epoch in range(1, 16):
    model.train()
    for i in torch.randperm(len(Xtr)).split(32):
        optimizer.zero_grad()
        loss = F.nll_loss(model(Xtr[i]), ytr[i])
        loss.backward()
        optimizer.step()
    scheduler.step()
    model.eval()
    with torch.no_grad():
        out = model(Xte)
        test_loss = F.nll_loss(out, yte).item()
        acc = (out.argmax(1) == yte).float().mean().item()
    print(f"Train Epoch {epoch}: loss {loss.item():.4f} | test loss {test_loss:.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
