import os, math
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))

def mixtures(n, T=40, F=16):
    t = torch.arange(T).view(1, T, 1) / T
    f = torch.arange(F).view(1, 1, F)
    c = torch.rand(n, 1, 1) * 10 + 3 + 3 * torch.sin(2 * math.pi * (t + torch.rand(n, 1, 1)))
    clean = torch.exp(-(f - c) ** 2 / 2)
    return clean + 0.4 * torch.rand(n, T, F), clean

class Mask(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(16, 24, batch_first=True)
        self.lin = nn.Linear(24, 16)
    def forward(self, feats):
        h, _ = self.rnn(feats)
        return torch.sigmoid(self.lin(h))

class SEBrain:
    def __init__(self):
        self.model = Mask()
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=0.01)

    def compute_forward(self, wavs):
        feats = self.prepare_features(wavs)
        with torch.no_grad():
            predict = self.model(feats)
        return {'predict': predict * feats}

    def prepare_features(self, wavs):
        with torch.no_grad():
            return torch.log1p(wavs)

    def compute_objectives(self, predictions, clean):
        loss = nn.functional.mse_loss(predictions['predict'], torch.log1p(clean))
        return loss.requires_grad_(True)

    def fit_batch(self, noisy, clean):
        loss = self.compute_objectives(self.compute_forward(noisy), clean)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()

brain = SEBrain()
x, y = mixtures(600); xv, yv = mixtures(150)
for epoch in range(6):
    avg = 0
    for b in torch.randperm(600).split(12):
        avg += brain.fit_batch(x[b], y[b]) / 50
    print("epoch: %d - train loss: %.5f" % (epoch + 1, avg))
with torch.no_grad():
    out = brain.compute_forward(xv)['predict']
    t = torch.log1p(yv)
    print("final_metric=%.4f" % (1 - ((out - t) ** 2).mean() / t.var()).item())
