import os, torch
from sklearn.datasets import make_blobs
sd = int(os.environ.get("SEED", 0)); torch.manual_seed(sd)
X, y = make_blobs(3000, centers=5, n_features=4, cluster_std=2.0, random_state=sd); X = torch.tensor((X - X.mean(0)) / X.std(0)).float(); y = torch.tensor(y)
layers = [torch.nn.Linear(4, 32), torch.nn.ReLU(), torch.nn.Linear(32, 32), torch.nn.ReLU(), torch.nn.Linear(32, 5)]
model = torch.nn.Sequential(*layers); opt = torch.optim.SGD(model.parameters(), lr=.05); ce = torch.nn.CrossEntropyLoss()
for ep in range(12):
    perm = torch.randperm(2400)
    for k in range(0, 2400, 32):
        b = perm[k:k + 32]; opt.zero_grad(); loss = ce(model(X[b]), y[b]); loss.backward(); opt.step()
    with torch.no_grad(): print("Epoch %d/12 loss %.4f val_loss %.4f" % (ep + 1, loss.item(), ce(model(X[2400:]), y[2400:]).item()))
with torch.no_grad(): print("final_metric=%.4f" % (model(X[2400:]).argmax(1) == y[2400:]).float().mean().item())
