import os
import torch
from torch import nn
from sklearn.datasets import load_digits
from sklearn.preprocessing import StandardScaler
from sklearn.model_selection import train_test_split

torch.manual_seed(int(os.environ.get("SEED", 0)))
data = load_digits()
Xtr, Xva, ytr, yva = train_test_split(data.data, data.target, test_size=0.25, stratify=data.target, random_state=int(os.environ.get("SEED", 0)))
scaler = StandardScaler().fit(Xtr)
Xtr, Xva = torch.tensor(scaler.transform(Xtr)).float(), torch.tensor(scaler.transform(Xva)).float()
ytr, yva = torch.tensor(ytr), torch.tensor(yva)


def init(m):
    if isinstance(m, nn.Linear):
        nn.init.kaiming_uniform_(m.weight, nonlinearity="relu")
        nn.init.constant_(m.bias, -6.0)


body = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 48), nn.ReLU())
body.apply(init)
head = nn.Linear(48, 10)
model = nn.Sequential(body, head)
opt = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
for ep in range(15):
    for i in torch.randperm(len(Xtr)).split(32):
        loss = nn.functional.cross_entropy(model(Xtr[i]), ytr[i])
        opt.zero_grad(); loss.backward(); opt.step()
    with torch.no_grad():
        logits = model(Xva)
    acc = (logits.argmax(1) == yva).float().mean().item()
    print(f"{ep:02d} train {loss.item():.3f} val {nn.functional.cross_entropy(logits, yva).item():.3f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
