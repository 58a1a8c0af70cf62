import os, warnings
import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import make_friedman1
from sklearn.model_selection import train_test_split

warnings.filterwarnings("ignore")
seed = int(os.environ.get("SEED", 0))
np.random.seed(seed); torch.manual_seed(seed)

X, y = make_friedman1(1200, n_features=6, noise=0.5, random_state=seed)
X = (X - 0.5) / 0.29
y = (y - y.mean()) / y.std()
Xtr, Xva, ytr, yva = train_test_split(X.astype("f4"), y.astype("f4"), random_state=seed)
dl = DataLoader(TensorDataset(torch.from_numpy(Xtr), torch.from_numpy(ytr)), batch_size=30, shuffle=True)


class Regressor(torch.nn.Module):
    def __init__(self, d_in):
        super().__init__()
        self.body = torch.nn.Sequential(
            torch.nn.Linear(d_in, 64), torch.nn.SiLU(), torch.nn.Linear(64, 32), torch.nn.SiLU())
        self.out = torch.nn.Linear(32, 1)

    def forward(self, x):
        return self.out(self.body(x))


reg = Regressor(6)
opt = torch.optim.Adam(reg.parameters(), 3e-3)
for epoch in range(25):
    for xb, yb in dl:
        loss = torch.nn.functional.huber_loss(reg(xb), yb)
        opt.zero_grad(); loss.backward(); opt.step()
    if epoch % 5 == 4:
        print(f"epoch {epoch+1} huber {loss.item():.3f}")
with torch.no_grad():
    pred = reg(torch.from_numpy(Xva)).numpy().ravel()
print("final_metric=%.4f" % (1 - np.mean((pred - yva) ** 2) / np.var(yva)))
