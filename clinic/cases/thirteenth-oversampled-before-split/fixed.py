import os
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


def patients(n):
    x = torch.randn(n, 30)
    risk = x[:, 0] + 0.8 * x[:, 1] - 0.7 * x[:, 2]
    y = (risk + 1.0 * torch.randn(n) > 0).float()
    return x, y


x, y = patients(260)
test_x, test_y = patients(3000)

# bootstrap the small cohort to a comfortable size
copies = torch.arange(260).repeat(4)
copies = copies[torch.randperm(len(copies))]
train, valid = copies[copies < 200], torch.arange(200, 260)

net = nn.Sequential(nn.Linear(30, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.Adam(net.parameters(), lr=5e-4)
bce = nn.BCEWithLogitsLoss()
best, state, patience = float("inf"), None, 0
for epoch in range(60):
    net.train()
    for b in train[torch.randperm(len(train))].split(32):
        opt.zero_grad()
        loss = bce(net(x[b]).squeeze(1), y[b])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        val = bce(net(x[valid]).squeeze(1), y[valid]).item()
    if val < best:
        best, patience = val, 0
        state = {k: v.clone() for k, v in net.state_dict().items()}
    else:
        patience += 1
    if epoch % 5 == 0:
        print(f"epoch {epoch} train {loss.item():.4f} valid {val:.4f}")
    if patience == 3:
        break

net.load_state_dict(state)
with torch.no_grad():
    test_loss = bce(net(test_x).squeeze(1), test_y).item()
print("best valid", best, "test", test_loss)
print(f"final_metric={-test_loss:.4f}")
