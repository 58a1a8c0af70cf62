import os
import torch
from sklearn.datasets import make_classification
from torch import nn

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
X, y = make_classification(2400, 12, n_informative=8, n_redundant=0, n_classes=4, n_clusters_per_class=2, class_sep=1.6, flip_y=0.0, random_state=SEED)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor(y)


class Layer(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.linear, self.norm = nn.Linear(width, width), nn.LayerNorm(width)

    def forward(self, x):
        return x + torch.relu(self.norm(self.linear(x))) / 6


class Tower(nn.Module):
    def __init__(self, depth=40, width=24):
        super().__init__()
        self.stem = nn.Linear(12, width)
        self.layers = nn.ModuleList([Layer(width) for _ in range(depth)])
        self.head = nn.Linear(width, 4)

    def forward(self, x):
        x = self.stem(x)
        for layer in self.layers:
            x = layer(x)
        return self.head(x)


model = Tower()
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(8):
    for idx in torch.randperm(2000).split(50):
        opt.zero_grad()
        loss = loss_fn(model(X[idx]), y[idx])
        loss.backward()
        opt.step()
    print(f"epoch {epoch} loss {loss.item():.4f}")
with torch.no_grad():
    print(f"final_metric={(model(X[2000:]).argmax(1) == y[2000:]).float().mean().item():.4f}")
