import os

import torch
from sklearn.datasets import make_circles
from torch import nn

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
X, y = make_circles(1600, noise=0.1, factor=0.45, random_state=SEED)
X, y = torch.tensor(X * 1.6, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)


class CircleModel(nn.Module):
    def __init__(self, hidden_units=24):
        super().__init__()
        self.linear_layer_stack = nn.Sequential(
            nn.Linear(2, hidden_units),
            nn.ReLU(),
            nn.Dropout(0.05),
            nn.Linear(hidden_units, hidden_units),
            nn.ReLU(),
            nn.Dropout(0.05),
            nn.Linear(hidden_units, 1),
        )

    def forward(self, x):
        return self.linear_layer_stack(x).squeeze(-1)


model_0 = CircleModel()
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.SGD(model_0.parameters(), lr=0.1, momentum=0.9)
for epoch in range(25):
    model_0.train()
    for b in torch.randperm(1200).split(30):
        loss = loss_fn(model_0(X[b]), y[b])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model_0.eval()
    with torch.inference_mode():
        test_acc = ((model_0(X[1200:]) > 0) == y[1200:]).float().mean().item()
    if epoch % 5 == 0:
        print(f"Epoch: {epoch} | Loss: {loss:.5f} | Test acc: {test_acc:.3f}")
print(f"final_metric={test_acc:.4f}")
