import os
import numpy as np
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
rng = np.random.RandomState(seed)
torch.manual_seed(seed)


def draw(kind):
    img = rng.normal(120, 25, (16, 16))
    cx, cy, r = rng.randint(5, 11), rng.randint(5, 11), rng.randint(3, 5)
    yy, xx = np.mgrid[:16, :16]
    if kind == 0:      # disc
        mask = (yy - cy) ** 2 + (xx - cx) ** 2 <= r * r
    elif kind == 1:    # ring
        d = (yy - cy) ** 2 + (xx - cx) ** 2
        mask = (d <= r * r) & (d >= (r - 1.5) ** 2)
    elif kind == 2:    # cross
        mask = ((abs(yy - cy) <= 0) | (abs(xx - cx) <= 0)) & (abs(yy - cy) <= r) & (abs(xx - cx) <= r)
    else:              # diagonal
        mask = (abs((yy - cy) - (xx - cx)) <= 0) & (abs(yy - cy) <= r)
    img[mask] += 70
    return np.clip(img, 0, 255).astype(np.uint8)


def dataset(n):
    labels = rng.randint(0, 4, n)
    imgs = np.stack([draw(k) for k in labels])
    return torch.from_numpy(imgs), torch.from_numpy(labels)


def prep(imgs):
    return imgs.unsqueeze(1).float()


class Trainer:
    def __init__(self, model, lr, epochs, batch_size=64):
        self.model = model
        self.opt = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
        self.sched = torch.optim.lr_scheduler.CosineAnnealingLR(self.opt, epochs)
        self.epochs, self.bs = epochs, batch_size
        self.crit = nn.CrossEntropyLoss()

    def fit(self, train, val):
        imgs, labels = train
        for e in range(self.epochs):
            self.model.train()
            perm = torch.randperm(len(imgs))
            for b in perm.split(self.bs):
                loss = self.crit(self.model(prep(imgs[b])), labels[b])
                self.opt.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(self.model.parameters(), 10.0)
                self.opt.step()
            self.sched.step()
            self.acc = self.score(*val)
            print("epoch", e, "loss %.4f" % loss.item(), "val acc %.4f" % self.acc)

    @torch.no_grad()
    def score(self, imgs, labels):
        self.model.eval()
        return (self.model(prep(imgs)).argmax(1) == labels).float().mean().item()


cnn = nn.Sequential(
    nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(12, 24, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(24 * 16, 4),
)
trainer = Trainer(cnn, lr=0.02, epochs=9)
trainer.fit(dataset(2400), dataset(600))
print("final_metric=%.4f" % trainer.acc)
