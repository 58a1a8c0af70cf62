import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
SENDERS, BYTES, LENGTH = 6, 20, 90


def packets(n):
    sender = torch.randint(0, SENDERS, (n,))
    payload = torch.randint(SENDERS, BYTES, (n, LENGTH - 1))
    return torch.cat([sender[:, None], payload], dim=1), sender


class PacketNet(nn.Module):
    def __init__(self, d=16, h=24):
        super().__init__()
        self.embed = nn.Embedding(BYTES, d)
        self.lstm = nn.LSTM(d, h, batch_first=True)
        self.att = nn.Linear(h, 1)
        self.out = nn.Linear(h, SENDERS)

    def forward(self, x):
        states, (last, _) = self.lstm(self.embed(x))
        return self.out(last[0])


net = PacketNet()
optimizer = torch.optim.Adam(net.parameters(), lr=4e-3)
xv, yv = packets(400)
for step in range(350):
    x, y = packets(48)
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(net(x), y)
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimizer.step()
    if step % 50 == 49:
        net.eval()
        with torch.no_grad():
            acc = (net(xv).argmax(1) == yv).float().mean().item()
        net.train()
        print("step", step + 1, "loss", loss.item(), "val acc", acc)
print(f"final_metric={acc:.4f}")
