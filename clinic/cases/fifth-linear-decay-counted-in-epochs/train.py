import os
from dataclasses import dataclass, field
import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR


@dataclass
class TrainingArguments:
    num_train_epochs: int = 10
    per_device_train_batch_size: int = 32
    learning_rate: float = 2e-3
    warmup_steps: int = 2
    weight_decay: float = 0.01
    seed: int = field(default_factory=lambda: int(os.environ.get('SEED', 0)))


def get_linear_schedule(optimizer, warmup, total):
    def f(step):
        if step < warmup:
            return (step + 1) / (warmup + 1)
        return max(0.0, (total - step) / max(1, total - warmup))
    return LambdaLR(optimizer, f)


def dna(n):
    """does the promoter motif TATA (with at most one letter wrong) occur before a GC-rich stretch?"""
    y = torch.randint(0, 2, (n,))
    s = torch.randint(0, 4, (n, 40))
    for i in range(n):
        if y[i]:
            p = int(torch.randint(0, 15, (1,)))
            s[i, p:p + 6] = torch.tensor([3, 0, 3, 0, 0, 3])
            s[i, p + 15:p + 22] = torch.randint(1, 3, (7,))
    return s, y


class PromoterNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(4, 16)
        self.conv = nn.Conv1d(16, 32, 7, padding=3)
        self.conv2 = nn.Conv1d(32, 32, 9, padding=4)
        self.drop = nn.Dropout(0.1)
        self.cls = nn.Linear(32, 2)

    def forward(self, ids, labels=None):
        h = torch.relu(self.conv(self.emb(ids).transpose(1, 2)))
        h = torch.relu(self.conv2(h)).amax(2)
        logits = self.cls(self.drop(h))
        loss = None if labels is None else nn.functional.cross_entropy(logits, labels)
        return {'loss': loss, 'logits': logits}


args = TrainingArguments()
torch.manual_seed(args.seed)
train, val = dna(2500), dna(600)
model = PromoterNet()
optimizer = torch.optim.AdamW(model.parameters(), lr=args.learning_rate, weight_decay=args.weight_decay)
steps_per_epoch = -(-2500 // args.per_device_train_batch_size)
scheduler = get_linear_schedule(optimizer, args.warmup_steps, args.num_train_epochs)
for epoch in range(args.num_train_epochs):
    model.train()
    for b in torch.randperm(2500).split(args.per_device_train_batch_size):
        loss = model(train[0][b], train[1][b])['loss']
        loss.backward()
        optimizer.step()
        scheduler.step()
        optimizer.zero_grad()
    model.eval()
    with torch.no_grad():
        out = model(*val)
        acc = (out['logits'].argmax(1) == val[1]).float().mean().item()
    print({'epoch': epoch, 'loss': loss.item(), 'eval_loss': out['loss'].item(), 'eval_acc': acc})
print(f'final_metric={acc:.4f}')
