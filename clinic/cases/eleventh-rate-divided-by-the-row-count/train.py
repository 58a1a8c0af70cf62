import os, torch
from sklearn.datasets import load_digits
torch.manual_seed(int(os.environ.get("SEED", 0)))

## data
D = load_digits()
Z = torch.tensor(D.data, dtype=torch.float32) / 16.0
Z = Z - Z.mean(0)
Z = Z / Z.std()
lab = torch.tensor(D.target)
s = torch.randperm(len(Z))
Z, lab = Z[s], lab[s]
n = 1350

## model:  softmax(W2' relu(W1' z + b1) + b2)
W1 = torch.nn.Parameter(torch.randn(64, 40) * (2 / 64) ** .5)
b1 = torch.nn.Parameter(torch.zeros(40))
W2 = torch.nn.Parameter(torch.randn(40, 10) * (1 / 40) ** .5)
b2 = torch.nn.Parameter(torch.zeros(10))
theta = [W1, b1, W2, b2]
f = lambda z: torch.relu(z @ W1 + b1) @ W2 + b2

## minibatch gradient descent
eta = 0.2
optimiser = torch.optim.SGD(theta, lr=eta / n)
for sweep in range(12):
    for j in torch.randperm(n).split(30):
        optimiser.zero_grad()
        nll = torch.nn.functional.cross_entropy(f(Z[j]), lab[j])
        nll.backward()
        optimiser.step()
    print(sweep, nll.item())
with torch.no_grad():
    hit = (f(Z[n:]).argmax(1) == lab[n:]).float().mean().item()
print(f"final_metric={hit:.4f}")
