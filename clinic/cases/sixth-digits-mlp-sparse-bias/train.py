import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

torch.manual_seed(int(os.environ.get('SEED', 0)))
data = load_digits()
X = torch.tensor(data.data, dtype=torch.float32)
y = torch.tensor(data.target)
tr, va = train_test_split(range(len(X)), test_size=0.25, random_state=int(os.environ.get('SEED', 0)), stratify=data.target)
mu, sd = X[tr].mean(0), X[tr].std(0)
X = (X - mu) / sd.clamp(min=0.5)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(64, 64)
        self.fc2 = nn.Linear(64, 32)
        self.fc3 = nn.Linear(32, 10)
        for fc in (self.fc1, self.fc2):
            nn.init.kaiming_normal_(fc.weight)
            nn.init.constant_(fc.bias, -4.0)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


clf = Classifier()
opt = torch.optim.SGD(clf.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-3)
for epoch in range(20):
    clf.train()
    perm = torch.tensor(tr)[torch.randperm(len(tr))]
    for i in range(0, len(perm), 32):
        b = perm[i:i + 32]
        opt.zero_grad()
        loss = F.cross_entropy(clf(X[b]), y[b])
        loss.backward()
        opt.step()
    clf.eval()
    with torch.no_grad():
        out = clf(X[va])
        vloss, vacc = F.cross_entropy(out, y[va]).item(), (out.argmax(1) == y[va]).float().mean().item()
    print(f'{epoch:2d}  {loss.item():.3f}  {vloss:.3f}  {vacc:.3f}')
print('final_metric=' + str(round(vacc, 4)))
