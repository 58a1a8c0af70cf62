import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)

X, y = load_digits(return_X_y=True)
Xtr, Xva, ytr, yva = train_test_split(X / 16.0 - 0.305, y, test_size=0.3, stratify=y, random_state=seed)
Xtr, Xva = torch.tensor(Xtr).float(), torch.tensor(Xva).float()
ytr, yva = torch.tensor(ytr), torch.tensor(yva)


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(64, 128)
        self.fc2 = nn.Linear(128, 128)
        self.fc3 = nn.Linear(128, 10)
        self.reset()

    def reset(self):
        for m in self.modules():
            if isinstance(m, nn.Linear):
                m.weight.data.normal_(0, 1)
                m.bias.data.zero_()

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


model = MLP()
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(10):
    model.train()
    for b in torch.randperm(len(Xtr)).split(64):
        opt.zero_grad()
        loss = F.cross_entropy(model(Xtr[b]), ytr[b])
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        out = model(Xva)
        vloss, vacc = F.cross_entropy(out, yva).item(), (out.argmax(1) == yva).float().mean().item()
    print(f"{epoch} {loss.item():.4f} {vloss:.4f} {vacc:.4f}")
print(f"final_metric={vacc:.4f}")
