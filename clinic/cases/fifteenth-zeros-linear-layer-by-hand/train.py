import os
import torch
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


class Dense(torch.nn.Module):
    """learning exercise: write Linear myself"""

    def __init__(self, n_in, n_out):
        super().__init__()
        self.W = torch.nn.Parameter(torch.full((n_in, n_out), 0.05))
        self.b = torch.nn.Parameter(torch.zeros(n_out))

    def forward(self, x):
        return x @ self.W + self.b


class Rings(Dataset):
    def __init__(self, n):
        ang = torch.rand(n) * 6.2831853
        self.y = torch.randint(0, 3, (n,))
        r = 0.5 + 0.7 * self.y + 0.12 * torch.randn(n)
        self.x = torch.stack([r * ang.cos(), r * ang.sin()], 1)

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


train_dl = DataLoader(Rings(2000), batch_size=50, shuffle=True)
test = Rings(600)
l1, l2, l3 = Dense(2, 32), Dense(32, 32), Dense(32, 3)
params = [*l1.parameters(), *l2.parameters(), *l3.parameters()]


def net(x):
    return l3(torch.relu(l2(torch.relu(l1(x)))))


opt = torch.optim.Adam(params, lr=0.005)
epoch = 0
while epoch < 20:
    for xb, yb in train_dl:
        loss = torch.nn.functional.cross_entropy(net(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
    epoch += 1
    if epoch % 4 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    print(f"final_metric={(net(test.x).argmax(1) == test.y).float().mean().item():.4f}")
