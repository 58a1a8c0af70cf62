# keyword spotting toy. wav files -> int8 to make the pickle small
import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
N, T = 1200, 128
DTYPE = torch.int16


def record(n):
    t = torch.arange(T) / T
    y = torch.randint(0, 5, (n,))
    f = torch.tensor([6.0, 8.0, 10.5, 13.0, 16.0])[y][:, None]
    chirp = torch.sin(2 * torch.pi * (f * t + 0.4 * f * t**2) + 6.28 * torch.rand(n, 1))
    amp = 0.8 + 0.4 * torch.rand(n, 1)
    wave = amp * chirp + 0.35 * torch.randn(n, T)
    return (wave * 8000).to(torch.int64).to(DTYPE), y


class Spotter(nn.Module):
    def __init__(self):
        super().__init__()
        self.front = nn.Conv1d(1, 24, 17, stride=2, padding=8)
        self.mid = nn.Conv1d(24, 24, 5, padding=2)
        self.norm1, self.norm2 = nn.BatchNorm1d(24), nn.BatchNorm1d(24)
        self.fc = nn.Linear(24, 5)

    def forward(self, w):
        h = torch.relu(self.norm1(self.front(w[:, None])))
        h = torch.relu(self.norm2(self.mid(h)))
        return self.fc(h.mean(-1))


wav, lab = record(N)
wav_t, lab_t = record(400)
scale = wav.float().std()
model = Spotter()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(10):
    model.train()
    for b in torch.randperm(N).split(30):
        loss = nn.functional.cross_entropy(model(wav[b].float() / scale), lab[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        acc = (model(wav_t.float() / scale).argmax(1) == lab_t).float().mean().item()
    print(f"epoch {epoch}: {loss.item():.3f} {acc:.3f}")
print(f"final_metric={acc:.4f}")
