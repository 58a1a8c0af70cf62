import os
import torch
import torch.nn as nn
torch.manual_seed(int(os.environ.get("SEED", 0)))

class LSTMClassifier(nn.Module):
    def __init__(self, input_dim, hidden_dim, output_dim):
        super().__init__()
        self.lstm = nn.LSTM(input_dim, hidden_dim, batch_first=True)
        self.fc = nn.Linear(hidden_dim, output_dim)
    def forward(self, x):
        out, (hn, cn) = self.lstm(x)
        return self.fc(out[:, -1, :])

def get_batch(n):
    # which of two channels has the larger sum over the last ten readings
    x = torch.randn(n, 10, 2)
    y = (x[:, :, 0].sum(1) > x[:, :, 1].sum(1)).long()
    return x, y

model = LSTMClassifier(2, 24, 2)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
max_norm = 5.0
for i in range(500):
    x, y = get_batch(64)
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    if (i + 1) % 100 == 0:
        print('Step [{}/500], Loss: {:.4f}'.format(i + 1, loss.item()))
with torch.no_grad():
    x, y = get_batch(2000)
    print('final_metric={:.4f}'.format((model(x).argmax(1) == y).float().mean().item()))
