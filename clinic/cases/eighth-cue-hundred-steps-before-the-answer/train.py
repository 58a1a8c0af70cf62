import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
LENGTH, CUES = 110, 4


def trials(n):
    cue = torch.randint(0, CUES, (n,))
    eeg = 0.3 * torch.randn(n, LENGTH, 6)
    eeg[torch.arange(n), 0, cue] += 1.0
    eeg[torch.arange(n), 1, cue] += 1.0
    return eeg, cue


def recurrent(n_in, n_hid):
    return nn.RNN(n_in, n_hid, batch_first=True)


class Recall(nn.Module):
    def __init__(self):
        super().__init__()
        self.rec = recurrent(6, 24)
        self.out = nn.Linear(24, CUES)

    def forward(self, eeg):
        states, _ = self.rec(eeg)
        return self.out(states[:, -1])


x, y = trials(1500)
xv, yv = trials(400)
net = Recall()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(8):
    net.train()
    for idx in torch.randperm(1500).split(30):
        loss = nn.functional.cross_entropy(net(x[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
    net.eval()
    with torch.no_grad():
        acc = (net(xv).argmax(1) == yv).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.3f} recall {acc:.3f}")
print(f"final_metric={acc:.4f}")
