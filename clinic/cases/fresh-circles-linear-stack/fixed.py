import os
import torch
import torch.nn as nn
from sklearn.datasets import make_circles
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_circles(1000, noise=0.05, factor=0.5, random_state=seed)
X, y = torch.tensor(X).float() * 1.8, torch.tensor(y).float()
train = DataLoader(TensorDataset(X[:800], y[:800]), batch_size=32, shuffle=True)


class CircleModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer_1 = nn.Linear(2, 32)
        self.layer_2 = nn.Linear(32, 32)
        self.layer_3 = nn.Linear(32, 1)

    def forward(self, x):
        return self.layer_3(torch.relu(self.layer_2(torch.relu(self.layer_1(x)))))


model_0 = CircleModel()
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.SGD(model_0.parameters(), lr=0.1, momentum=0.9)
for epoch in range(30):
    for xb, yb in train:
        logits = model_0(xb).squeeze()
        loss = loss_fn(logits, yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 5 == 0:
        print(f"Epoch: {epoch} | Loss: {loss:.5f}")
with torch.inference_mode():
    pred = torch.round(torch.sigmoid(model_0(X[800:]).squeeze()))
print(f"final_metric={(pred == y[800:]).float().mean().item()}")
