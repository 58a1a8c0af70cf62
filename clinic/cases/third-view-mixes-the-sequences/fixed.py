import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
T, B, F_IN = 12, 32, 4
proto = torch.randn(6, T, F_IN)      # six gestures

def get_batch(b=B):
    """accelerometer driver delivers (time, batch, features)"""
    lab = torch.randint(0, 6, (b,))
    sig = proto[lab] + 0.9 * torch.randn(b, T, F_IN)
    return sig.transpose(0, 1).contiguous(), lab


class GestureGRU(nn.Module):
    def __init__(self, hid=32):
        super().__init__()
        self.rnn = nn.GRU(F_IN, hid, batch_first=True)
        self.cls = nn.Linear(hid, 6)

    def forward(self, x):
        # rnn wants batch first
        x = x.transpose(0, 1)
        out, _ = self.rnn(x)
        return self.cls(out.mean(dim=1))


net = GestureGRU()
optimizer = torch.optim.Adam(net.parameters(), lr=0.004)
lossf = nn.CrossEntropyLoss()
hist = []
for step in range(500):
    x, lab = get_batch()
    optimizer.zero_grad()
    l = lossf(net(x), lab)
    l.backward()
    optimizer.step()
    hist.append(l.item())
    if step % 100 == 99:
        print("step {:4d} | loss {:.4f}".format(step + 1, sum(hist[-100:]) / 100))
net.eval()
with torch.no_grad():
    x, lab = get_batch(1000)
    print("final_metric={:.4f}".format((net(x).argmax(1) == lab).float().mean().item()))
