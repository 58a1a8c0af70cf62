import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

torch.manual_seed(int(os.environ.get("SEED", 0)))


def claims(n):
    y = (torch.rand(n) < 0.05).float()
    x = torch.randn(n, 8)
    x[:, :3] += 1.3 * y[:, None]
    return x, y


x_train, y_train = claims(5000)
x_test, y_test = claims(5000)
weights = torch.where(y_train > 0, 1 / y_train.mean(), 1 / (1 - y_train.mean()))
sampler = WeightedRandomSampler(weights, num_samples=len(weights), replacement=True)
loader = DataLoader(TensorDataset(x_train, y_train), batch_size=64, sampler=sampler)
model = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))
opt = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)
for epoch in range(6):
    model.train()
    for x, y in loader:
        opt.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(model(x).squeeze(1), y)
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        pred = model(x_test).squeeze(1) > 0
    tpr, tnr = pred[y_test == 1].float().mean().item(), (~pred[y_test == 0]).float().mean().item()
    print(epoch, loss.item(), tpr, tnr)
print(f"final_metric={(tpr + tnr) / 2:.4f}")
