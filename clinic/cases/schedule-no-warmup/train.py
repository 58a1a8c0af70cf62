"""Large-lr recipe: SGD with momentum and a linear decay from the peak lr, per step."""
import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

STEPS, PEAK, BATCH = 320, 0.18, 48

data, target = load_digits(return_X_y=True)
data = torch.tensor((data - data.mean()) / data.std(), dtype=torch.float32)
target = torch.tensor(target)
perm = torch.randperm(len(data))
train_idx, val_idx = perm[:1400], perm[1400:]


def make_model(width=64, depth=6):
    layers, d = [], 64
    for _ in range(depth):
        lin = nn.Linear(d, width)
        nn.init.kaiming_normal_(lin.weight)
        nn.init.zeros_(lin.bias)
        layers += [lin, nn.ReLU()]
        d = width
    return nn.Sequential(*layers, nn.Linear(d, 10))


def lr_factor(step):
    return max(0.02, 1 - step / STEPS)


def validate(model):
    model.eval()
    with torch.no_grad():
        acc = (model(data[val_idx]).argmax(1) == target[val_idx]).float().mean().item()
    model.train()
    return acc


model = make_model()
optimizer = torch.optim.SGD(model.parameters(), lr=PEAK, momentum=0.9)
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lr_factor)
loss_fn = nn.CrossEntropyLoss()

queue = []
for step in range(STEPS):
    if not queue:
        queue = list(train_idx[torch.randperm(len(train_idx))].split(BATCH))
    b = queue.pop()
    loss = loss_fn(model(data[b]), target[b])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scheduler.step()
    if step % 50 == 49:
        print(f"step {step + 1:4d}  lr {scheduler.get_last_lr()[0]:.4f}  loss {loss.item():.4f}  val acc {validate(model):.4f}")

print(f"final_metric={validate(model):.4f}")
