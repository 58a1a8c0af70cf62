import os, numpy as np, torch
from torch import nn
from sklearn.datasets import load_digits
seed = int(os.environ.get('SEED', 0))
torch.manual_seed(seed)
digits = load_digits()
perm = np.random.RandomState(seed).permutation(len(digits.target))
data = torch.tensor(digits.images[perm] / 16., dtype=torch.float32).unsqueeze(1)
labels = torch.tensor(digits.target[perm])
train_loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(data[:1400], labels[:1400]), batch_size=64, shuffle=True)
test_loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(data[1400:], labels[1400:]), batch_size=64)

net = nn.Sequential(
        nn.Flatten(),
        nn.Linear(64, 100),
        nn.ReLU(),
        nn.Linear(100, 10),
        nn.LogSoftmax(dim=1))

def train_epoch(net, dataloader, lr=0.05, loss_fn=nn.NLLLoss()):
    optimizer = torch.optim.SGD(net.parameters(), lr=lr, momentum=0.9)
    net.train()
    total_loss, acc, count = 0, 0, 0
    for features, labels in dataloader:
        optimizer.zero_grad()
        out = net(features)
        loss = loss_fn(out, labels)
        loss.backward()
        optimizer.step()
        total_loss += loss.item()
        acc += (out.argmax(1) == labels).sum().item()
        count += len(labels)
    return total_loss / count, acc / count

def validate(net, dataloader):
    net.eval()
    loss, count = 0, 0
    with torch.no_grad():
        for features, labels in dataloader:
            loss += nn.functional.nll_loss(net(features), labels, reduction='sum').item()
            count += len(labels)
    return loss / count

for ep in range(12):
    tl, ta = train_epoch(net, train_loader)
    print(f"Epoch {ep:2}, Train acc={ta:.3f}, Train loss={tl:.4f}")
print(f"final_metric={-validate(net, test_loader):.4f}")
