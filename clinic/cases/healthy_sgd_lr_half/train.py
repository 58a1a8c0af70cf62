import os, torch, torch.nn as nn, torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
x, y = load_digits(return_X_y=True)
x = torch.tensor(x, dtype=torch.float32) / 16
y = torch.tensor(y)
r = torch.randperm(len(x))
x, y = x[r], y[r]

model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
opt = torch.optim.SGD(model.parameters(), lr=0.5)
for epoch in range(20):
    for k in torch.randperm(1300).split(50):
        loss = F.cross_entropy(model(x[k]), y[k])
        opt.zero_grad(); loss.backward(); opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    print(f"final_metric={(model(x[1300:]).argmax(1) == y[1300:]).float().mean().item():.4f}")
