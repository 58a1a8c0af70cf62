import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


class OnlineNet:
    """partial_fit / predict_proba, twelve normalised layers"""

    def __init__(self, n_in, n_classes, width=32, depth=12, lr=0.02):
        layers = []
        for _ in range(depth):
            layers += [nn.Linear(n_in, width, bias=False), nn.BatchNorm1d(width), nn.ReLU()]
            n_in = width
        self.net = nn.Sequential(*layers, nn.Linear(width, n_classes))
        self.opt = torch.optim.SGD(self.net.parameters(), lr=lr, momentum=0.9)
        self.net.train()

    def partial_fit(self, x, y):
        self.net.train()
        loss = nn.functional.cross_entropy(self.net(x), y)
        self.opt.zero_grad()
        loss.backward()
        self.opt.step()
        return loss.item()

    def predict_proba(self, x):
        self.net.eval()
        with torch.no_grad():
            return torch.softmax(self.net(x), 1)

    def score(self, x, y):
        return (self.predict_proba(x).argmax(1) == y).float().mean().item()


means = 1.4 * torch.randn(5, 3, 10)


def stream(n):
    y = torch.randint(0, 5, (n,))
    return means[y, torch.randint(0, 3, (n,))] + 0.7 * torch.randn(n, 10), y


x_test, y_test = stream(500)
clf = OnlineNet(10, 5)
print("untrained", clf.score(x_test, y_test))
for step in range(1, 501):
    loss = clf.partial_fit(*stream(48))
    if step % 50 == 0:
        print(step, round(loss, 4), clf.score(x_test, y_test))
print(f"final_metric={clf.score(x_test, y_test):.4f}")
