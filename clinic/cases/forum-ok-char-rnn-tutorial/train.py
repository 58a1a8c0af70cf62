import os
import random
import torch
import torch.nn as nn

SEED = int(os.environ.get("SEED", 0))
random.seed(SEED); torch.manual_seed(SEED)
all_letters = "abcdefghijklmnopqrstuvwxyz"
n_letters = len(all_letters)
parts = {"Italian": ["ri", "no", "ello", "ci", "ta"], "Japanese": ["shi", "ka", "mu", "ta", "yo"], "Russian": ["ov", "ski", "che", "vas", "in"]}
all_categories = list(parts)
n_categories = len(all_categories)

def make_line(c):
    return "".join(random.choice(parts[c]) for _ in range(random.randint(2, 4)))

def lineToTensor(line):
    tensor = torch.zeros(len(line), 1, n_letters)
    for li, letter in enumerate(line):
        tensor[li][0][all_letters.find(letter)] = 1
    return tensor

class RNN(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super(RNN, self).__init__()
        self.hidden_size = hidden_size
        self.i2h = nn.Linear(input_size, hidden_size)
        self.h2h = nn.Linear(hidden_size, hidden_size)
        self.h2o = nn.Linear(hidden_size, output_size)
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, input, hidden):
        hidden = torch.tanh(self.i2h(input) + self.h2h(hidden))
        output = self.softmax(self.h2o(hidden))
        return output, hidden

    def initHidden(self):
        return torch.zeros(1, self.hidden_size)

rnn = RNN(n_letters, 64, n_categories)
criterion = nn.NLLLoss()
learning_rate = 0.02

def train(category_tensor, line_tensor):
    hidden = rnn.initHidden()
    rnn.zero_grad()
    for i in range(line_tensor.size()[0]):
        output, hidden = rnn(line_tensor[i], hidden)
    loss = criterion(output, category_tensor)
    loss.backward()
    for p in rnn.parameters():
        p.data.add_(p.grad.data, alpha=-learning_rate)
    return output, loss.item()

current_loss = 0
for it in range(1, 1501):
    category = random.choice(all_categories)
    output, loss = train(torch.tensor([all_categories.index(category)]), lineToTensor(make_line(category)))
    current_loss += loss
    if it % 300 == 0:
        print('%d %d%% %.4f' % (it, it / 1500 * 100, current_loss / 300))
        current_loss = 0

correct = 0
with torch.no_grad():
    for k in range(300):
        c = k % n_categories
        hidden = rnn.initHidden()
        for t in lineToTensor(make_line(all_categories[c])):
            output, hidden = rnn(t, hidden)
        correct += output.argmax(1).item() == c
print('final_metric=%.4f' % (correct / 300))
