# machine log: the mode is set at the start, the fault code at the end depends on it
import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
T, H = 80, 24
FORGET_BIAS = -1.0


class LogLSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, H, batch_first=True)
        self.fc = nn.Linear(H, 2)
        with torch.no_grad():
            self.lstm.bias_ih_l0[H : 2 * H] = FORGET_BIAS
            self.lstm.bias_hh_l0[H : 2 * H] = 0.0

    def forward(self, x):
        h, _ = self.lstm(x)
        return self.fc(h[:, -1])


def logs(n):
    mode = torch.randint(0, 2, (n,))
    x = torch.zeros(n, T, 3)
    x[:, :, 0] = 0.3 * torch.randn(n, T)
    x[:, 0, 1] = 2.0 * mode - 1.0
    x[:, -1, 2] = 1.0
    return x, mode


model = LogLSTM()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for step in range(250):
    x, y = logs(40)
    loss = nn.functional.cross_entropy(model(x), y)
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
    if step % 25 == 0:
        print(step, loss.item())
with torch.no_grad():
    x, y = logs(600)
    print(f"final_metric={(model(x).argmax(1) == y).float().mean().item():.4f}")
