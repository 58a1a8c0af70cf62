import os
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
T = 60


def make_data(n):
    x = 0.3 * torch.randn(n, T, 2)
    y = torch.randint(0, 2, (n,))
    x[:, :3, 0] += (y.float() * 2 - 1)[:, None] * 1.5  # flag at the beginning
    return x, y


class RNNClassifier(nn.Module):
    def __init__(self, hidden=24):
        super().__init__()
        self.rnn = nn.RNN(2, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, 2)

    def forward(self, x):
        out, _ = self.rnn(x)
        return self.fc(out.mean(1))


x_train, y_train = make_data(1000)
x_test, y_test = make_data(400)
model = RNNClassifier()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
criterion = nn.CrossEntropyLoss()
for step in range(250):
    i = torch.randint(0, 1000, (32,))
    loss = criterion(model(x_train[i]), y_train[i])
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 5.0)
    optimizer.step()
    if step % 50 == 0:
        print(f"step {step} loss {loss.item():.4f}")
with torch.no_grad():
    acc = (model(x_test).argmax(1) == y_test).float().mean()
print(f"final_metric={acc.item():.4f}")
