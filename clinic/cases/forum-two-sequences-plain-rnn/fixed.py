import os
import torch
import torch.nn as nn
import torch.optim as optim

torch.manual_seed(int(os.environ.get("SEED", 0)))
T = 60

# two classes: the first four values tell them apart, the rest is noise
def gen_sequences(n):
    label = torch.randint(0, 2, (n,))
    x = torch.randn(n, T, 1) * 0.3
    x[:, :4, 0] += (label.float() * 2 - 1).unsqueeze(1)
    return x, label.float().unsqueeze(1)

class MyRNN(nn.Module):
    def __init__(self, hidden=24):
        super(MyRNN, self).__init__()
        self.rnn = nn.GRU(input_size=1, hidden_size=hidden, batch_first=True)
        self.fc = nn.Linear(hidden, 1)

    def forward(self, x):
        x = self.rnn(x)[0][:, -1, :]
        return self.fc(x)

model = MyRNN()
optimizer = optim.Adam(model.parameters(), lr=0.005)
criterion = nn.BCEWithLogitsLoss()
running_mean = 0.7
for it in range(1, 401):
    x, y = gen_sequences(32)
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    running_mean = 0.98 * running_mean + 0.02 * loss.item()
    if it % 80 == 0:
        print(it * 32, "sequences, mean error %.5f" % running_mean)
x, y = gen_sequences(1000)
with torch.no_grad():
    print("final_metric=%.4f" % ((model(x) > 0).float() == y).float().mean().item())
