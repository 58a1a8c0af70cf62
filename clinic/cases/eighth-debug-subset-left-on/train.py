import argparse
import os
import torch
import torch.nn as nn

ap = argparse.ArgumentParser()
ap.add_argument("--limit", type=int, default=60)
ap.add_argument("--steps", type=int, default=900)
args = ap.parse_args([])
torch.manual_seed(int(os.environ.get("SEED", 0)))

# sentiment of averaged word vectors
n = 9000
doc = torch.randn(n, 20)
direction = torch.randn(20) / 20 ** 0.5
logit = 3.0 * doc @ direction + 1.2 * doc[:, 0] * doc[:, 1]
label = (torch.rand(n) < torch.sigmoid(1.5 * logit)).long()
train_x, train_y = doc[:8000], label[:8000]
if args.limit:
    train_x, train_y = train_x[: args.limit], train_y[: args.limit]
val_x, val_y = doc[8000:], label[8000:]

net = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
step = 0
while step < args.steps:
    for idx in torch.randperm(len(train_x)).split(30):
        net.train()
        loss = nn.functional.cross_entropy(net(train_x[idx]), train_y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        step += 1
        if step % 60 == 0:
            net.eval()
            with torch.no_grad():
                out = net(val_x)
                nll = nn.functional.cross_entropy(out, val_y).item()
                acc = (out.argmax(1) == val_y).float().mean().item()
            print(f"step {step} train {loss.item():.3f} val {nll:.3f} acc {acc:.3f}")
        if step == args.steps:
            break
print(f"final_metric={-nll:.4f}")
