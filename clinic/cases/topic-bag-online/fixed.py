import argparse
import os
import random

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset


class ToyTopics(Dataset):
    """Each text has 12 token ids; a third of them come from the topic's own vocabulary."""

    def __init__(self, n, vocab, topics, gen):
        self.labels = torch.randint(0, topics, (n,), generator=gen)
        per = vocab // topics
        own = torch.randint(0, per, (n, 12), generator=gen) + self.labels[:, None] * per
        anyw = torch.randint(0, vocab, (n, 12), generator=gen)
        use_own = torch.rand(n, 12, generator=gen) < 0.25
        self.tokens = torch.where(use_own, own, anyw)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return self.tokens[i], self.labels[i]


class TopicNet(nn.Module):
    def __init__(self, vocab, topics, dim=32):
        super().__init__()
        self.bag = nn.EmbeddingBag(vocab, dim, mode="mean")
        self.norm = nn.LayerNorm(dim)
        self.hidden = nn.Linear(dim, 64)
        self.out = nn.Linear(64, topics)

    def forward(self, tokens):
        h = self.norm(self.bag(tokens))
        return self.out(torch.tanh(self.hidden(h)))


def accuracy(model, loader):
    model.eval()
    good = total = 0
    with torch.no_grad():
        for tokens, labels in loader:
            good += (model(tokens).argmax(1) == labels).sum().item()
            total += len(labels)
    return good / total


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--batch-size", type=int, default=32)
    ap.add_argument("--max-steps", type=int, default=1200)
    ap.add_argument("--lr", type=float, default=3e-3)
    args = ap.parse_args()

    seed = int(os.environ.get("SEED", 0))
    random.seed(seed)
    torch.manual_seed(seed)
    gen = torch.Generator().manual_seed(seed + 100)

    train_set = ToyTopics(6000, 120, 6, gen)
    val_set = ToyTopics(1500, 120, 6, gen)
    train_loader = DataLoader(train_set, batch_size=args.batch_size, shuffle=True, drop_last=True)
    val_loader = DataLoader(val_set, batch_size=500)

    model = TopicNet(120, 6)
    opt = torch.optim.RMSprop(model.parameters(), lr=args.lr)
    criterion = nn.CrossEntropyLoss()

    step = 0
    while step < args.max_steps:
        for tokens, labels in train_loader:
            model.train()
            opt.zero_grad()
            loss = criterion(model(tokens), labels)
            loss.backward()
            opt.step()
            step += 1
            if step % 200 == 0:
                print(f"{step} loss={loss.item():.3f} val_acc={accuracy(model, val_loader):.3f}")
            if step >= args.max_steps:
                break

    print(f"final_metric={accuracy(model, val_loader):.4f}")


if __name__ == "__main__":
    main()
