import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
VOCAB, WORDS, CLASSES = 80, 10, 6
frequency = torch.tensor([0.80, 0.14, 0.02, 0.02, 0.01, 0.01])
topic = torch.softmax(1.25 * torch.randn(CLASSES, VOCAB), 1)


def messages(n):
    y = torch.multinomial(frequency, n, replacement=True)
    return torch.multinomial(topic[y], WORDS, replacement=True), y


class BagOfWords(nn.Module):
    def __init__(self, dim=16):
        super().__init__()
        self.bag = nn.EmbeddingBag(VOCAB, dim, mode="mean")
        self.fc = nn.Sequential(nn.Linear(dim, 32), nn.ReLU(), nn.Linear(32, CLASSES))

    def forward(self, x):
        return self.fc(self.bag(x))


x_train, y_train = messages(5000)
x_test, y_test = messages(8000)
loader = DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True)
model = BagOfWords()
criterion = nn.CrossEntropyLoss(weight=1 / (CLASSES * frequency))
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(6):
    model.train()
    for x, y in loader:
        opt.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        pred = model(x_test).argmax(1)
    recalls = [(pred[y_test == c] == c).float().mean().item() for c in range(CLASSES)]
    print(epoch, loss.item(), [round(r, 2) for r in recalls])
print(f"final_metric={sum(recalls) / CLASSES:.4f}")
