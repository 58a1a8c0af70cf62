import os
import torch
from sklearn.datasets import load_breast_cancer

torch.manual_seed(int(os.environ.get("SEED", 0)))
data = load_breast_cancer()
x = torch.tensor(data.data, dtype=torch.float32)
y = torch.tensor(data.target, dtype=torch.float32)
p = torch.randperm(len(x))
x, y = x[p], y[p]
x = (x - x[:450].mean(0)) / x[:450].std(0)
cov = x[:450].T @ x[:450] / 450 + 0.1 * torch.eye(30)
val, vec = torch.linalg.eigh(cov)
x = x @ vec / val.sqrt()
lin = torch.nn.Linear(30, 1)
opt = torch.optim.SGD(lin.parameters(), lr=1.0)
for epoch in range(25):
    for idx in torch.randperm(450).split(90):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(lin(x[idx]).squeeze(1), y[idx]) + 5e-3 * lin.weight.square().sum()
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = ((lin(x[450:]).squeeze(1) > 0).float() == y[450:]).float().mean().item()
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1} loss {loss.item():.4f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
