import os
import torch
import torch.nn as nn

SEED = int(os.environ.get('SEED', 0))
torch.manual_seed(SEED)


def pings(n):
    y = torch.randint(0, 4, (n,))
    t = torch.linspace(0, 1, 48)
    w = torch.tensor([12.0, 18.0, 25.0, 33.0])[y][:, None]
    decay = torch.tensor([1.0, 4.0, 1.0, 4.0])[y][:, None]
    x = torch.exp(-decay * t) * torch.sin(w * t + 6.28 * torch.rand(n, 1)) + 0.25 * torch.randn(n, 48)
    return (x / 0.55).unsqueeze(1), y


train_x, train_y = pings(2000)
val_x, val_y = pings(500)


def block(i, o):
    return nn.Sequential(nn.Conv1d(i, o, 5, padding=2, bias=False), nn.BatchNorm1d(o), nn.ReLU(),
                         nn.Conv1d(o, o, 3, padding=1, bias=False), nn.BatchNorm1d(o), nn.ReLU(), nn.MaxPool1d(2))


model = nn.Sequential(block(1, 8), block(8, 16), block(16, 24), block(24, 32), nn.Flatten(),
                      nn.Linear(96, 4))
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, weight_decay=5e-4)


def validate():
    model.eval()
    with torch.no_grad():
        out = model(val_x)
    return loss_fn(out, val_y).item(), (out.argmax(1) == val_y).float().mean().item()


print('before training: loss %.3f acc %.3f' % validate())
for epoch in range(8):
    seen = 0.0
    for idx in torch.randperm(len(train_x)).split(50):
        optimizer.zero_grad()
        loss = loss_fn(model(train_x[idx]), train_y[idx])
        loss.backward()
        optimizer.step()
        seen += loss.item() * len(idx)
    vl, va = validate()
    print('epoch %d train %.3f val %.3f acc %.3f' % (epoch, seen / len(train_x), vl, va))
print('final_metric=%.4f' % va)
