import argparse, os
import torch
import torch.nn as nn
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.preprocessing import StandardScaler

ap = argparse.ArgumentParser()
ap.add_argument("--data", choices=["cancer", "digits"], default="digits")
ap.add_argument("--hidden", type=int, default=40)
ap.add_argument("--epochs", type=int, default=15)
ap.add_argument("--lr", type=float, default=0.1)
args = ap.parse_args()

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
data = load_digits() if args.data == "digits" else load_breast_cancer()
x = torch.tensor(StandardScaler().fit_transform(data.data), dtype=torch.float32)
y = torch.tensor(data.target)
perm = torch.randperm(len(y))
cut = int(0.8 * len(y))
tr, va = perm[:cut], perm[cut:]

net = nn.Sequential(nn.Linear(x.shape[1], args.hidden), nn.Tanh(), nn.Linear(args.hidden, args.hidden), nn.Tanh(),
                    nn.Linear(args.hidden, int(y.max()) + 1))


@torch.no_grad()
def initialise(model):
    # reproducible start
    for name, p in model.named_parameters():
        p.fill_(0.05 if name.endswith("weight") else 0.0)


opt = torch.optim.SGD(net.parameters(), lr=args.lr)
for epoch in range(args.epochs):
    for b in tr[torch.randperm(cut)].split(32):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x[b]), y[b])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (net(x[va]).argmax(1) == y[va]).float().mean().item()
print(f"final_metric={acc:.4f}")
