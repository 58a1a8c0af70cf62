import os
import torch
from torch import nn
from sklearn.datasets import make_circles

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_circles(2000, noise=0.05, factor=.6, random_state=int(os.environ.get("SEED", 0)))
X = torch.from_numpy(X / .58).type(torch.float); y = torch.from_numpy(y).type(torch.float)

class CircleModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer_1 = nn.Linear(in_features=2, out_features=32)
        self.layer_2 = nn.Linear(in_features=32, out_features=32)
        self.layer_3 = nn.Linear(in_features=32, out_features=1)
    def forward(self, x):
        return self.layer_3(self.layer_2(self.layer_1(x)))

model = CircleModel()
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.SGD(params=model.parameters(), lr=0.1, momentum=.9)
for epoch in range(20):
    for k in range(0, 1600, 40):
        loss = loss_fn(model(X[k:k+40]).squeeze(), y[k:k+40])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 5 == 0:
        print(f"Epoch: {epoch} | Loss: {loss:.5f}")
with torch.inference_mode():
    acc = ((model(X[1600:]).squeeze() > 0) == y[1600:].bool()).float().mean().item()
print(f"final_metric={acc:.4f}")
