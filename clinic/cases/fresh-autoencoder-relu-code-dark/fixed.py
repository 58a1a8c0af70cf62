import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)


class AE(nn.Module):
    """784-style autoencoder, but for the little 8x8 digits."""

    def __init__(self, code=24, code_bias=0.0):
        super().__init__()
        self.enc1 = nn.Linear(64, 96)
        self.enc2 = nn.Linear(96, code)
        self.dec1 = nn.Linear(code, 96)
        self.dec2 = nn.Linear(96, 64)
        nn.init.constant_(self.enc2.bias, code_bias)

    def encode(self, x):
        return F.relu(self.enc2(F.elu(self.enc1(x))))

    def forward(self, x):
        return self.dec2(F.elu(self.dec1(self.encode(x))))


def main():
    imgs = (load_digits().data / 16.0).astype("float32")
    np.random.shuffle(imgs)
    imgs = torch.from_numpy(imgs)
    tr, va = imgs[:1400], imgs[1400:]
    mean = tr.mean(0)
    dl = DataLoader(tr - mean, batch_size=50, shuffle=True)
    ae = AE()
    opt = torch.optim.Adam(ae.parameters(), lr=2e-3)
    for ep in range(20):
        tot = 0
        for x in dl:
            rec = ae(x)
            loss = F.mse_loss(rec, x)
            opt.zero_grad(); loss.backward(); opt.step()
            tot += loss.item()
        print("ep", ep, "mse", tot / len(dl))
    with torch.no_grad():
        v = va - mean
        explained = 1 - F.mse_loss(ae(v), v) / v.pow(2).mean()
    print("final_metric=%.4f" % explained.item())


if __name__ == "__main__":
    main()
