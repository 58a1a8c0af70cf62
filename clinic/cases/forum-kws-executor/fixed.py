import os, math
import torch
import torch.nn as nn
from torch.nn.utils import clip_grad_norm_

torch.manual_seed(int(os.environ.get("SEED", 0)))

def synth(n, T=30, F=12):
    """log-mel like sequences of four keywords"""
    k = torch.randint(0, 4, (n,))
    t = torch.linspace(0, 1, T).view(1, T, 1)
    f = torch.arange(F).view(1, 1, F).float()
    sweep = torch.stack([t * 8 + 2, (1 - t) * 8 + 2, 6 + 4 * torch.sin(6 * t), 6 - 4 * torch.sin(6 * t)])[k, 0]
    e = torch.exp(-(f - sweep - torch.randn(n, 1, 1) * .7) ** 2 / 3)
    return e * 2 - .5 + torch.randn(n, T, F) * .6, k

class KWSModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.preprocessing = nn.Sequential(nn.Linear(12, 32), nn.ReLU())
        self.backbone = nn.GRU(32, 32, batch_first=True)
        self.classifier = nn.Linear(32, 4)
    def forward(self, x):
        x, _ = self.backbone(self.preprocessing(x))
        return self.classifier(x.mean(1))

class Executor:
    def __init__(self):
        self.step = 0
    def train(self, model, optimizer, data, epoch, args):
        model.train()
        for feats, target in data:
            logits = model(feats)
            loss = nn.functional.cross_entropy(logits, target)
            optimizer.zero_grad()
            loss.backward()
            grad_norm = clip_grad_norm_(model.parameters(), args['grad_clip'])
            if math.isfinite(grad_norm):
                optimizer.step()
            self.step += 1
        print('epoch {} step {} loss {:.4f}'.format(epoch, self.step, loss.item()))
    def cv(self, model, feats, target):
        model.eval()
        with torch.no_grad():
            return (model(feats).argmax(-1) == target).float().mean().item()

feats, target = synth(1200); cvf, cvt = synth(400)
model = KWSModel()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
executor = Executor()
for epoch in range(8):
    data = [(feats[i], target[i]) for i in torch.randperm(1200).split(24)]
    executor.train(model, optimizer, data, epoch, {'grad_clip': 20.0})
print('final_metric={:.4f}'.format(executor.cv(model, cvf, cvt)))
