import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import load_digits
seed = int(os.environ.get("SEED", 0)); torch.manual_seed(seed)
d = load_digits()
x = (torch.tensor(d.images).float().unsqueeze(1) - 4.9) / 6.0
y = torch.tensor(d.target)
p = torch.randperm(len(x)); train_ids, test_ids = p[:1500], p[1500:]
# "folders" 0/ 1/ 2/ ... 9/
folders = [train_ids[y[train_ids] == c] for c in range(10)]
listing = torch.cat(folders)
trainset = TensorDataset(x[listing], y[listing])
testset = TensorDataset(x[test_ids], y[test_ids])
train_loader = DataLoader(trainset, batch_size=25)
test_loader = DataLoader(testset, batch_size=99)

class SmallCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(12, 24, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
        self.classifier = nn.Linear(96, 10)
    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))

def evaluate(model):
    model.eval()
    with torch.no_grad():
        return sum((model(a).argmax(1) == b).sum().item() for a, b in test_loader) / len(testset)

model = SmallCNN()
opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
for epoch in range(8):
    model.train()
    for a, b in train_loader:
        opt.zero_grad(); loss = nn.functional.cross_entropy(model(a), b); loss.backward(); opt.step()
    print(f"epoch {epoch} acc {evaluate(model):.3f}")
print(f"final_metric={evaluate(model):.4f}")
