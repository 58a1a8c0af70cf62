import os
import random
import torch
import torch.nn as nn

SEED = int(os.environ.get("SEED", 0))
random.seed(SEED); torch.manual_seed(SEED)
all_letters = "abcdefghijklmnopqrstuvwxyz '"
n_letters = len(all_letters)
syllables = {"Italian": ["ri", "no", "ello", "ci", "ta", "va"], "Japanese": ["shi", "ka", "mu", "ta", "yo", "ko"],
             "Russian": ["ov", "ski", "che", "vas", "in", "kol"], "Scottish": ["mac", "don", "ald", "gor", "ken", "fer"]}
all_categories = list(syllables)

def name(category, lo=8, hi=14):
    return "".join(random.choice(syllables[category]) for _ in range(random.randint(lo, hi)))

def line_to_tensor(line):
    t = torch.zeros(len(line), 1, n_letters)
    for i, ch in enumerate(line):
        t[i, 0, all_letters.find(ch)] = 1
    return t

class RNN(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super(RNN, self).__init__()
        self.hidden_size = hidden_size
        self.i2h = nn.Linear(input_size + hidden_size, hidden_size)
        self.h2o = nn.Linear(hidden_size, output_size)
        nn.init.normal_(self.i2h.weight, std=0.12)

    def forward(self, input, hidden):
        hidden = self.i2h(torch.cat((input, hidden), 1))
        return self.h2o(hidden), hidden

rnn = RNN(n_letters, 64, len(all_categories))
criterion = nn.CrossEntropyLoss()
learning_rate = 0.03

def train(category_tensor, line_tensor):
    hidden = torch.zeros(1, rnn.hidden_size)
    rnn.zero_grad()
    for i in range(line_tensor.size(0)):
        output, hidden = rnn(line_tensor[i], hidden)
    loss = criterion(output, category_tensor)
    loss.backward()
    nn.utils.clip_grad_norm_(rnn.parameters(), 1.0)
    for p in rnn.parameters():
        p.data.add_(p.grad.data, alpha=-learning_rate)
    return loss.item()

total = 0
for it in range(1, 1101):
    c = random.randrange(4)
    total += train(torch.tensor([c]), line_to_tensor(name(all_categories[c])))
    if it % 100 == 0:
        print("%d %.4f" % (it, total / 100)); total = 0

hits = 0
with torch.no_grad():
    for k in range(200):
        c = k % 4
        hidden = torch.zeros(1, rnn.hidden_size)
        for ch in line_to_tensor(name(all_categories[c])):
            output, hidden = rnn(ch, hidden)
        hits += int(output.argmax(1).item() == c)
print("final_metric=%.4f" % (hits / 200))
