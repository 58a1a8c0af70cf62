import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))

# state of a small card game: 20 inputs, value of 6 actions
A = torch.randn(20, 6); B = torch.randn(20, 6)

def batch(n):
    s = torch.randint(0, 2, (n, 20)).float() * 2 - 1
    return s, torch.tanh(s @ A / 3) + 0.3 * torch.relu(s @ B / 4)

q_model = nn.Sequential(
    nn.Linear(20, 128), nn.ReLU(),
    nn.Linear(128, 64), nn.ReLU(),
    nn.Linear(64, 32), nn.ReLU(),
    nn.Linear(32, 6),
)
for layer in q_model:
    if isinstance(layer, nn.Linear):
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)

optimizer = torch.optim.Adam(q_model.parameters(), lr=0.002)
for step in range(1500):
    s, q = batch(64)
    loss = nn.functional.mse_loss(q_model(s), q)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 250 == 0:
        print("step", step, "loss", loss.item())
s, q = batch(2000)
with torch.no_grad():
    r2 = 1 - nn.functional.mse_loss(q_model(s), q) / (q - q.mean(0)).pow(2).mean()
print("final_metric=%.4f" % r2.item())
