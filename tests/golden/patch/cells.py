import torch
from torch import nn
from torch.optim import SGD

x, y = torch.randn(32, 5, 3), torch.randn(32, 1)


class Cells(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 8, batch_first=True)
        self.out = nn.Linear(8, 1)

    def forward(self, x):
        return self.out(self.lstm(x)[0][:, -1])


def main():
    net = Cells()
    print(sum(p.numel() for p in net.parameters()), "weights")
    opt = SGD(net.parameters(), 0.1, momentum=0.9)
    for step in range(6):
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(x), y)
        loss.backward()
        opt.step()
    print(loss.item())


main()
