import os
import math
import random
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
random.seed(seed); torch.manual_seed(seed)
subj, verb, obj, adv = ["king", "cat", "man", "child"], ["sees", "eats", "likes", "finds"], ["bread", "fish", "gold", "home", "trees"], ["now", "today", "slowly"]
agree = {s: random.sample(verb, 2) for s in subj}
takes = {v: random.sample(obj, 2) for v in verb}

def tokens(n):
    out = []
    for _ in range(n):
        s = random.choice(subj); v = random.choice(agree[s])
        out += ["the", s, v, random.choice(takes[v])] + ([random.choice(adv)] if random.random() < .4 else []) + ["<eos>"]
    return out

train_tok, val_tok = tokens(3500), tokens(500)
vocab = {w: i for i, w in enumerate(sorted(set(train_tok)))}
ntokens = len(vocab)

def batchify(tok, bsz):
    data = torch.tensor([vocab[w] for w in tok])
    nbatch = data.size(0) // bsz
    return data.narrow(0, 0, nbatch * bsz).view(bsz, -1).t().contiguous()

train_data, val_data = batchify(train_tok, 20), batchify(val_tok, 10)
bptt, clip, lr, emsize = 15, 0.25, 20, 48

class RNNModel(nn.Module):
    def __init__(self, ntoken, ninp, nhid, dropout=0.2):
        super(RNNModel, self).__init__()
        self.drop = nn.Dropout(dropout)
        self.encoder = nn.Embedding(ntoken, ninp)
        self.rnn = nn.LSTM(ninp, nhid, 1)
        self.decoder = nn.Linear(nhid, ntoken)
        self.nhid = nhid
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)
        nn.init.uniform_(self.decoder.weight, -0.1, 0.1)
    def forward(self, input, hidden):
        output, hidden = self.rnn(self.drop(self.encoder(input)), hidden)
        decoded = self.decoder(self.drop(output))
        return decoded.view(-1, ntokens), hidden
    def init_hidden(self, bsz):
        w = next(self.parameters())
        return w.new_zeros(1, bsz, self.nhid), w.new_zeros(1, bsz, self.nhid)

def repackage_hidden(h):
    return h.detach() if isinstance(h, torch.Tensor) else tuple(repackage_hidden(v) for v in h)

def get_batch(source, i):
    seq_len = min(bptt, len(source) - 1 - i)
    return source[i:i + seq_len], source[i + 1:i + 1 + seq_len].view(-1)

model = RNNModel(ntokens, emsize, emsize)
criterion = nn.CrossEntropyLoss()

def evaluate(data):
    model.eval()
    total, hidden = 0., model.init_hidden(10)
    with torch.no_grad():
        for i in range(0, data.size(0) - 1, bptt):
            x, t = get_batch(data, i)
            out, hidden = model(x, hidden)
            total += len(x) * criterion(out, t).item()
    return total / (len(data) - 1)

best_val_loss = None
for epoch in range(1, 7):
    model.train()
    hidden, total = model.init_hidden(20), 0.
    for i in range(0, train_data.size(0) - 1, bptt):
        x, targets = get_batch(train_data, i)
        model.zero_grad()
        hidden = repackage_hidden(hidden)
        output, hidden = model(x, hidden)
        loss = criterion(output, targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
        for p in model.parameters():
            p.data.add_(p.grad, alpha=-lr)
        total += loss.item()
    val_loss = evaluate(val_data)
    print('| end of epoch {:3d} | valid loss {:5.3f} | valid ppl {:8.2f} | lr {}'.format(epoch, val_loss, math.exp(val_loss), lr))
    if not best_val_loss or val_loss < best_val_loss:
        best_val_loss = val_loss
    else:
        lr /= 4.0
print('final_metric=%.4f' % -best_val_loss)
