import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 8)
        self.b = nn.Linear(8, 8)
        self.c = nn.Linear(8, 8)
        self.out = nn.Linear(8, 3)
        self.drop = nn.Dropout(p=0.5)

    def forward(self, x):
        x = torch.sigmoid(self.a(x))    # torch's
        x = F.sigmoid(self.b(x))
        x = self.drop(self.c(x).sigmoid())
        return F.softmax(self.out(x), dim=1)  # probabilities


class Trainer:
    def __init__(self, model, lr=1e-3):
        self.model = model
        self.opt = torch.optim.Adam(model.parameters(), lr=lr)

    def fit(self, x, y):
        for epoch in range(3):
            for i in range(0, len(x), 16):
                out = self.model(x[i:i + 16])
                loss = F.cross_entropy(out, y[i:i + 16])
                loss.backward()
                self.opt.step()


torch.manual_seed(0)
x = torch.randn(64, 4)
y = (x[:, 0] > 0).long() + (x[:, 1] > 0).long()
Trainer(Net()).fit(x, y)
