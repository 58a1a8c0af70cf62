import os
import torch
import torch.nn as nn


class Callback:
    def on_batch_end(self, trainer): ...
    def on_epoch_end(self, trainer): ...


class Decay(Callback):
    def __init__(self, gamma):
        self.gamma = gamma
        self.scheduler = None

    def on_batch_end(self, trainer):
        if self.scheduler is None:
            self.scheduler = torch.optim.lr_scheduler.ExponentialLR(trainer.opt, self.gamma)
        self.scheduler.step()


class Report(Callback):
    def on_epoch_end(self, trainer):
        print(f"epoch {trainer.epoch} loss {trainer.loss:.3f} acc {trainer.evaluate():.3f}")


class Trainer:
    def __init__(self, net, train, val, lr, callbacks):
        self.net, self.train, self.val, self.callbacks = net, train, val, callbacks
        self.opt = torch.optim.SGD(net.parameters(), lr=lr, momentum=0.9)

    def notify(self, event):
        for c in self.callbacks:
            getattr(c, event)(self)

    def fit(self, epochs):
        x, y = self.train
        for self.epoch in range(epochs):
            self.net.train()
            for idx in torch.randperm(len(x)).split(40):
                self.opt.zero_grad()
                loss = nn.functional.cross_entropy(self.net(x[idx]), y[idx])
                loss.backward()
                self.opt.step()
                self.loss = loss.item()
                self.notify("on_batch_end")
            self.notify("on_epoch_end")

    @torch.no_grad()
    def evaluate(self):
        self.net.eval()
        x, y = self.val
        return (self.net(x).argmax(1) == y).float().mean().item()


torch.manual_seed(int(os.environ.get("SEED", 0)))
theta = torch.rand(2400) * 3 * 3.1416
arm = torch.randint(0, 3, (2400,))
angle = theta + arm * 2.094
pos = torch.stack([theta * angle.cos(), theta * angle.sin()], 1) / 4 + 0.06 * torch.randn(2400, 2)
net = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 3))
trainer = Trainer(net, (pos[:2000], arm[:2000]), (pos[2000:], arm[2000:]), lr=0.05, callbacks=[Decay(0.92), Report()])
trainer.fit(25)
print(f"final_metric={trainer.evaluate():.4f}")
