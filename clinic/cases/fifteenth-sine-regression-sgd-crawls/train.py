import os
import torch

torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.rand(2000, 1) * 2 - 1
y = torch.sin(4 * x) + 0.05 * torch.randn_like(x)
xv = torch.linspace(-1, 1, 400)[:, None]
yv = torch.sin(4 * xv)

model = torch.nn.Sequential(torch.nn.Linear(1, 50), torch.nn.Tanh(), torch.nn.Linear(50, 50), torch.nn.Tanh(), torch.nn.Linear(50, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=1e-5, momentum=0.9)
history = []
for t in range(2500):
    pick = torch.randint(0, len(x), (64,))
    y_pred = model(x[pick])
    loss = (y_pred - y[pick]).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    history.append(loss.item())
    if t % 250 == 249:
        print(t, sum(history[-100:]) / 100)
with torch.no_grad():
    r2 = 1 - (model(xv) - yv).pow(2).mean() / yv.var()
print(f"final_metric={r2.item():.4f}")
