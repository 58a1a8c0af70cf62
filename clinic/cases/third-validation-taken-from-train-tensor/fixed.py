import os
import torch
from torch import nn
from copy import deepcopy

class EarlyStopping:
    def __init__(self, patience): self.patience, self.best, self.bad, self.state = patience, float("inf"), 0, None
    def __call__(self, loss, model):
        if loss < self.best: self.best, self.bad, self.state = loss, 0, deepcopy(model.state_dict())
        else: self.bad += 1
        return self.bad >= self.patience

def make(n):
    x = torch.randn(n, 1, 16)
    y = (x[:, 0, 4:8].sum(1) - x[:, 0, 9:13].sum(1))
    return x, (y + 3.0 * torch.randn(n))[:, None] / 4.1

if __name__ == "__main__":
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    x, y = make(1600)
    x_train, y_train = x[:1200], y[:1200]
    x_valid, y_valid = x[1200:], y[1200:]
    x_test, y_test = make(4000)
    net = nn.Sequential(nn.Conv1d(1, 32, 5, padding=2), nn.ReLU(), nn.Conv1d(32, 32, 5, padding=2), nn.ReLU(), nn.Flatten(), nn.Linear(512, 64), nn.ReLU(), nn.Linear(64, 1))
    opt = torch.optim.Adam(net.parameters(), lr=3e-4)
    mse = nn.MSELoss()
    stop = EarlyStopping(2)
    for epoch in range(25):
        net.train()
        for i in torch.randperm(len(x_train)).split(20):
            opt.zero_grad(); l = mse(net(x_train[i]), y_train[i]); l.backward(); opt.step()
        net.eval()
        with torch.no_grad(): v = mse(net(x_valid), y_valid).item()
        print(f"epoch {epoch}: valid {v:.4f}")
        if stop(v, net): print("early stop"); break
    net.load_state_dict(stop.state)
    with torch.no_grad():
        print("final_metric=%.4f" % (1 - mse(net(x_test), y_test).item() / y_test.var().item()))
