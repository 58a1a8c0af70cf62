import os
import torch
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

data = load_wine()
X = torch.tensor(StandardScaler().fit_transform(data.data), dtype=torch.float32)
y = torch.tensor(data.target)
p = torch.randperm(len(X))
tr, te = p[:120], p[120:]

model = torch.nn.Sequential(
    torch.nn.Linear(13, 32), torch.nn.ReLU(),
    torch.nn.Linear(32, 32), torch.nn.ReLU(),
    torch.nn.Linear(32, 3),
)
loss_fn = torch.nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.2)

for t in range(500):
    batch = tr[torch.randint(0, len(tr), (32,))]
    y_pred = model(X[batch])
    loss = loss_fn(y_pred, y[batch])
    if t % 50 == 0:
        print(t, loss.item())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

with torch.no_grad():
    accuracy = (model(X[te]).argmax(1) == y[te]).float().mean().item()
print(f"final_metric={accuracy}")
