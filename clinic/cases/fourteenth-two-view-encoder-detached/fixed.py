import os
import torch
from torch import nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)

digits = load_digits()
images = torch.tensor(digits.images).float().unsqueeze(1) / 8 - 1
labels = torch.tensor(digits.target)
tr, te = train_test_split(range(len(labels)), test_size=0.25, random_state=SEED, stratify=labels)
tr, te = torch.tensor(tr), torch.tensor(te)


class ConvEncoder(nn.Module):
    def __init__(self, out=24):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(2),
            nn.Flatten(), nn.Linear(64, out),
        )

    def forward(self, x):
        return self.net(x)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = ConvEncoder()
        self.head = nn.Sequential(nn.Linear(24, 32), nn.ReLU(), nn.Linear(32, 10))

    def forward(self, x):
        features = self.encoder(x)
        return self.head(features)


class Trainer:
    def __init__(self, model, lr=4e-3, batch_size=32):
        self.model = model
        self.batch_size = batch_size
        self.optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        self.criterion = nn.CrossEntropyLoss()

    def fit_epoch(self):
        self.model.train()
        for idx in tr[torch.randperm(len(tr))].split(self.batch_size):
            self.optimizer.zero_grad()
            loss = self.criterion(self.model(images[idx]), labels[idx])
            loss.backward()
            self.optimizer.step()
        return loss.item()

    @torch.no_grad()
    def evaluate(self):
        self.model.eval()
        return (self.model(images[te]).argmax(1) == labels[te]).float().mean().item()


trainer = Trainer(Classifier())
for epoch in range(15):
    loss = trainer.fit_epoch()
    acc = trainer.evaluate()
    print(f"{epoch}: loss={loss:.3f} acc={acc:.3f}")
print(f"final_metric={acc:.4f}")
