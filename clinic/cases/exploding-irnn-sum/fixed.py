import os
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

T = 60


def batch(n):
    x = torch.randn(n, T, 1)
    y = (x.sum(dim=(1, 2)) > 0).long()
    return x, y


class SeqClassifier(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.rnn = nn.RNN(1, hidden, nonlinearity="relu", batch_first=True)
        nn.init.eye_(self.rnn.weight_hh_l0)
        nn.init.zeros_(self.rnn.bias_hh_l0)
        nn.init.zeros_(self.rnn.bias_ih_l0)
        self.fc = nn.Linear(hidden, 2)

    def forward(self, x):
        out, _ = self.rnn(x)
        return self.fc(out[:, -1])


train_x, train_y = batch(3000)
val_x, val_y = batch(500)

model = SeqClassifier()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.02)

step = 0
for epoch in range(6):
    model.train()
    for idx in torch.randperm(3000).split(50):
        logits = model(train_x[idx])
        loss = criterion(logits, train_y[idx])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % 40 == 0:
            print(f"step {step} loss {loss.item():.4f}")
        step += 1
    model.eval()
    with torch.no_grad():
        acc = (model(val_x).argmax(-1) == val_y).float().mean().item()
    print(f"epoch {epoch} val acc {acc:.3f}")

print(f"final_metric={acc}")
