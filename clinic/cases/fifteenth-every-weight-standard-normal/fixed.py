import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

seed = int(os.environ.get('SEED', 0))
torch.manual_seed(seed); np.random.seed(seed)

digits = load_digits()
X = ((digits.images - 4.9) / 6.0).astype(np.float32)
Xtr, Xte, ytr, yte = train_test_split(X, digits.target, test_size=.25, random_state=seed)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 16, 3, padding=1)
        self.c2 = nn.Conv2d(16, 32, 3, padding=1)
        self.c3 = nn.Conv2d(32, 32, 3, padding=1)
        self.f1 = nn.Linear(32 * 4, 64)
        self.f2 = nn.Linear(64, 10)
        self.init_weights()

    def init_weights(self):
        for p in self.parameters():
            if p.dim() > 1:
                nn.init.kaiming_normal_(p, nonlinearity="relu")
            else:
                nn.init.zeros_(p)

    def forward(self, x):
        x = torch.relu(self.c1(x))
        x = torch.max_pool2d(torch.relu(self.c2(x)), 2)
        x = torch.max_pool2d(torch.relu(self.c3(x)), 2)
        x = torch.relu(self.f1(x.flatten(1)))
        return self.f2(x)


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
lossf = nn.CrossEntropyLoss()
xt = torch.from_numpy(Xtr).unsqueeze(1); yt = torch.from_numpy(ytr)
xe = torch.from_numpy(Xte).unsqueeze(1); ye = torch.from_numpy(yte)
for epoch in range(8):
    net.train()
    for idx in np.array_split(np.random.permutation(len(xt)), 42):
        opt.zero_grad()
        L = lossf(net(xt[idx]), yt[idx])
        L.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(xe)
        nll = lossf(out, ye).item()
        acc = (out.argmax(1) == ye).float().mean().item()
    print(f'{epoch}: train loss {L.item():.3f}  test loss {nll:.3f}  acc {acc:.3f}')
print(f'final_metric={-nll:.4f}')
