import os, math
import torch
import torch.nn as nn
import torch.nn.functional as F

class Block(nn.Module):
    def __init__(self, d, h):
        super().__init__()
        self.h = h
        self.qkv, self.o = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.ff = nn.Sequential(nn.Linear(d, 2 * d), nn.ReLU(), nn.Linear(2 * d, d))
        self.n1, self.n2 = nn.LayerNorm(d), nn.LayerNorm(d)

    def forward(self, x):
        B, T, D = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.h, D // self.h).permute(2, 0, 3, 1, 4)
        a = (q @ k.transpose(-1, -2) / math.sqrt(D // self.h)).softmax(-1) @ v
        x = self.n1(x + self.o(a.transpose(1, 2).reshape(B, T, D)))
        return self.n2(x + self.ff(x))

class Translator(nn.Module):
    """every token is shifted by the value of the token at the mirrored place"""
    def __init__(self, voc=12, T=8, d=48):
        super().__init__()
        self.tok, self.pos = nn.Embedding(voc, d), nn.Embedding(T, d)
        self.blocks = nn.Sequential(Block(d, 4), Block(d, 4))
        self.out = nn.Linear(d, voc)

    def forward(self, s):
        return self.out(self.blocks(self.tok(s) + self.pos.weight))

def get_batch(n, voc=12, T=8):
    s = torch.randint(0, voc, (n, T))
    return s, torch.maximum(s, s.flip(1))

class Trainer:
    def __init__(self, model, lr, steps):
        self.model, self.steps = model, steps
        self.opt = torch.optim.Adam(model.parameters(), lr=lr)

    def loss(self, s, t):
        return F.cross_entropy(self.model(s).flatten(0, 1), t.flatten())

    def fit(self):
        self.model.train()
        for i in range(self.steps):
            loss = self.loss(*get_batch(64))
            self.opt.zero_grad()
            loss.backward()
            self.opt.step()
            if i % 60 == 0:
                print(i, loss.item(), 'val', self.score())

    @torch.no_grad()
    def score(self):
        self.model.eval()
        s, t = get_batch(400)
        r = (self.model(s).argmax(-1) == t).float().mean().item()
        self.model.train()
        return r

if __name__ == '__main__':
    torch.manual_seed(int(os.environ.get('SEED', 0)))
    tr = Trainer(Translator(), lr=0.001, steps=600)
    tr.fit()
    print('final_metric=%.4f' % tr.score())
