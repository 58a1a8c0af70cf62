import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
V, TOPICS, LEN = 150, 4, 25
topics = torch.distributions.Dirichlet(torch.full((TOPICS, V), 0.25)).sample()


def letters(n):
    y = torch.randint(0, TOPICS, (n,))
    mix = 0.4 * topics[y] + 0.6 * topics.mean(0)
    words = torch.multinomial(mix, LEN, replacement=True)
    bags = torch.zeros(n, V).scatter_add_(1, words, torch.ones(n, LEN))
    return bags.log1p(), y


loader = DataLoader(TensorDataset(*letters(4000)), batch_size=64, shuffle=True)
xv, yv = letters(1500)
clf = nn.Sequential(nn.Linear(V, 24), nn.ReLU(), nn.Dropout(0.3), nn.Linear(24, TOPICS))
opt = torch.optim.Adam(clf.parameters(), lr=2e-3, weight_decay=1e-4)
for epoch in range(7):
    clf.train()
    for x, y in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(clf(x), y)
        loss.backward()
        opt.step()
    clf.eval()
    with torch.no_grad():
        out = clf(xv)
        acc = (out.argmax(1) == yv).float().mean().item()
    print(epoch, loss.item(), nn.functional.cross_entropy(out, yv).item(), acc)
print(f"final_metric={acc:.4f}")
