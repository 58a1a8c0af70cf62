import os
import torch
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
H, T = 32, 25

class ScratchRNN(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.Wx = torch.nn.Parameter(torch.randn(2, H) * 0.5)
        self.Wh = torch.nn.Parameter(torch.eye(H) * 0.9 + torch.randn(H, H) * 0.01)
        self.bh = torch.nn.Parameter(torch.zeros(H))
        self.Wo = torch.nn.Parameter(torch.randn(H, 1) * 0.1)
    def forward(self, x):
        h = torch.zeros(x.size(0), H)
        for t in range(x.size(1)):
            h = F.relu(x[:, t] @ self.Wx + h @ self.Wh + self.bh)
        return (h @ self.Wo)[:, 0]

def batch(n=48):
    # "decaying sum": y = sum of 0.8^(T-t) * x_t
    x = torch.randn(n, T, 2)
    k = .8 ** torch.arange(T - 1, -1, -1).float()
    return x, (x[:, :, 0] * k).sum(1) / 1.6

rnn = ScratchRNN()
opt = torch.optim.Adam(rnn.parameters(), lr=2e-3)
for i in range(400):
    x, y = batch()
    loss = F.mse_loss(rnn(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
    if i % 100 == 0: print("iter", i, "loss", loss.item())
x, y = batch(2000)
with torch.no_grad():
    score = 1 - (F.mse_loss(rnn(x), y) / y.var()).item()
print("final_metric=%.4f" % (max(score, -5.) if score == score else -5.))
