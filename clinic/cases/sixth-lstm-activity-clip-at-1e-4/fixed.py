import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))

CLASSES, T = 5, 20


def recordings(n):
    y = torch.randint(0, CLASSES, (n,))
    f = 0.3 + 0.25 * y.float().view(-1, 1, 1) + 0.03 * torch.randn(n, 1, 1)
    t = torch.arange(T).float().view(1, -1, 1)
    ph = torch.rand(n, 1, 3) * 6.28
    x = 1.4 * torch.sin(f * t + ph) + 0.2 * torch.randn(n, T, 3)
    return x, y


x_train, y_train = recordings(2400)
x_val, y_val = recordings(600)


class Activity(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 32, batch_first=True)
        self.fc = nn.Linear(32, CLASSES)

    def forward(self, x):
        return self.fc(self.lstm(x)[0].mean(1))


model = Activity()
optimizer = torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(12):
    model.train()
    for idx in torch.randperm(len(x_train)).split(48):
        loss = loss_fn(model(x_train[idx]), y_train[idx])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm=5.0)
        optimizer.step()
    model.eval()
    with torch.no_grad():
        acc = (model(x_val).argmax(1) == y_val).float().mean().item()
    print(f"epoch {epoch} | loss {loss.item():.3f} | val acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
