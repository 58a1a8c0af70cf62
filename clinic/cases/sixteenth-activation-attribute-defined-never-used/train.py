import os
import torch
from torch import nn
import torch.optim as optim
from sklearn.datasets import make_circles

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_circles(2400, noise=0.08, factor=0.5, random_state=seed)
X = torch.tensor(X / X.std(0), dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32)


class CircleModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer_1 = nn.Linear(2, 32)
        self.layer_2 = nn.Linear(32, 32)
        self.layer_3 = nn.Linear(32, 1)
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.layer_3(self.layer_2(self.layer_1(x)))


model = CircleModel()
loss_fn = nn.BCEWithLogitsLoss()
optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
for epoch in range(20):
    for b in torch.randperm(1800).split(36):
        loss = loss_fn(model(X[b]).squeeze(), y[b])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.inference_mode():
        acc = ((model(X[1800:]).squeeze() > 0).float() == y[1800:]).float().mean().item()
    print(f"Epoch: {epoch} | Loss: {loss:.5f}, Test Accuracy: {acc:.3f}")
print(f"final_metric={acc:.4f}")
