import os
import torch
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
imgs, labels = load_digits(return_X_y=True)
imgs = torch.as_tensor(imgs, dtype=torch.float32).reshape(-1, 1, 8, 8)
labels = torch.as_tensor(labels)
shuffle = torch.randperm(len(imgs))
imgs, labels = imgs[shuffle], labels[shuffle]
mean, std = imgs[:1500].mean(), imgs[:1500].std()
imgs = (imgs - mean) / std
dl = torch.utils.data.DataLoader(list(zip(imgs[:1500], labels[:1500])), batch_size=50, shuffle=True)


def conv(ni, nf, stride=2):
    return nn.Sequential(nn.Conv2d(ni, nf, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(nf), nn.ReLU())


class Learner:
    def __init__(self, model, lr_max, epochs):
        self.model, self.epochs = model, epochs
        self.opt = torch.optim.SGD(model.parameters(), lr=lr_max, momentum=0.9)
        self.sched = OneCycleLR(self.opt, max_lr=lr_max, steps_per_epoch=len(dl), epochs=epochs, div_factor=1000, cycle_momentum=False)

    def one_batch(self, xb, yb):
        loss = nn.functional.cross_entropy(self.model(xb), yb)
        self.opt.zero_grad()
        loss.backward()
        self.opt.step()
        self.sched.step()
        return loss.item()

    def fit(self):
        for e in range(self.epochs):
            self.model.train()
            losses = [self.one_batch(xb, yb) for xb, yb in dl]
            
            print(f"{e}  {sum(losses) / len(losses):.4f}  {self.accuracy():.4f}")

    @torch.no_grad()
    def accuracy(self):
        self.model.eval()
        return (self.model(imgs[1500:]).argmax(1) == labels[1500:]).float().mean().item()


net = nn.Sequential(conv(1, 16), conv(16, 24), nn.Flatten(), nn.Linear(24 * 4, 10))
learn = Learner(net, lr_max=0.02, epochs=6)
learn.fit()
print(f"final_metric={learn.accuracy():.4f}")
