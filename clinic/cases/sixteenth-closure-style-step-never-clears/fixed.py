import os, torch
from torch import nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_digits(return_X_y=True)
X = (X / 16.0 - 0.3) / 0.38
Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.25, random_state=seed, stratify=y)
Xa, Xb = (torch.tensor(a, dtype=torch.float32).view(-1, 1, 8, 8) for a in (Xa, Xb))
ya, yb = torch.tensor(ya), torch.tensor(yb)

net = nn.Sequential(
    nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(12, 24, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(24 * 4, 10),
)
sgd = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)


def train_step(images, digits):
    net.train()
    logits = net(images)
    loss = nn.functional.cross_entropy(logits, digits)
    sgd.zero_grad()
    loss.backward()
    sgd.step()
    return loss.detach()


def evaluate():
    net.eval()
    with torch.inference_mode():
        return (net(Xb).argmax(1) == yb).float().mean().item()


for epoch in range(8):
    p = torch.randperm(len(Xa))
    losses = [train_step(Xa[i], ya[i]) for i in p.split(32)]
    print(epoch, torch.stack(losses).mean().item(), evaluate())
print(f"final_metric={evaluate():.4f}")
