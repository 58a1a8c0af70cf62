import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))

# ground-water depth class at survey stations
n = 2400
easting = 455000 + 6000 * torch.rand(n)
northing = 5410000 + 8000 * torch.rand(n)
slope = torch.rand(n)
u, v = (easting - 455000) / 6000, (northing - 5410000) / 8000
wet = (torch.sin(5 * u) + torch.cos(4 * v) + 1.5 * (0.5 - slope) + 0.15 * torch.randn(n) > 0.2).float()
table = torch.stack([easting, northing, slope], dim=1)

table = (table - table[:2000].mean(0)) / table[:2000].std(0)
train, test = table[:2000], table[2000:]
y_train, y_test = wet[:2000], wet[2000:]

model = nn.Sequential(
    nn.Linear(3, 48),
    nn.ReLU(),
    nn.Linear(48, 48),
    nn.ReLU(),
    nn.Linear(48, 1),
)
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)

for epoch in range(25):
    epoch_loss = 0
    for idx in torch.randperm(2000).split(40):
        prediction = model(train[idx]).squeeze(1)
        loss = loss_fn(prediction, y_train[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item()
    if (epoch + 1) % 5 == 0:
        print(f"epoch {epoch + 1}, loss {epoch_loss / 50:.4f}")

with torch.no_grad():
    accuracy = ((model(test).squeeze(1) > 0).float() == y_test).float().mean().item()
print(f"final_metric={accuracy:.4f}")
