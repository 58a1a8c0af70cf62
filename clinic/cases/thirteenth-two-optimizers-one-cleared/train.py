import os
import torch
from torch import nn
from sklearn.datasets import load_digits


def load(seed):
    x = torch.tensor(load_digits().data, dtype=torch.float32) / 16
    g = torch.Generator().manual_seed(seed)
    x = x[torch.randperm(len(x), generator=g)]
    return x[:1400], x[1400:]


class AutoEncoder:
    def __init__(self, code=16, lr=0.2):
        self.enc = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, code))
        self.dec = nn.Sequential(nn.Linear(code, 48), nn.ReLU(), nn.Linear(48, 64))
        self.enc_opt = torch.optim.SGD(self.enc.parameters(), lr=lr, momentum=0.9)
        self.dec_opt = torch.optim.SGD(self.dec.parameters(), lr=lr, momentum=0.9)

    def loss(self, x):
        return nn.functional.mse_loss(self.dec(self.enc(x)), x)

    def step(self, x):
        self.dec_opt.zero_grad()
        loss = self.loss(x)
        loss.backward()
        self.enc_opt.step()
        self.dec_opt.step()
        return loss.item()


def main():
    seed = int(os.environ.get("SEED", 0))
    torch.manual_seed(seed)
    train, valid = load(seed)
    ae = AutoEncoder()
    for epoch in range(40):
        losses = [ae.step(train[i]) for i in torch.randperm(len(train)).split(32)]
        if epoch % 5 == 0:
            print(epoch, sum(losses) / len(losses))
    with torch.no_grad():
        explained = 1 - ae.loss(valid) / valid.var(0).mean()
    print(f"final_metric={explained.nan_to_num(-1).item():.4f}")


main()
