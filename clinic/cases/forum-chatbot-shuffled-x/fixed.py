import os
import random
import torch
import torch.nn as nn

random.seed(int(os.environ.get("SEED", 0))); torch.manual_seed(int(os.environ.get("SEED", 0)))

templates = {
    "hours": ["when does {} open", "what are the hours of {}", "is {} open on sunday", "what time does {} close"],
    "where": ["where is {}", "how do i get to {}", "what is the address of {}", "which building is {} in"],
    "contact": ["what is the phone number of {}", "how can i contact {}", "who should i email at {}", "email of {}"],
    "person": ["who is the head of {}", "who runs {}", "which professor teaches at {}", "who works at {}"],
}
places = ["the library", "the gym", "student center", "cs department", "the bursar", "dining hall", "the main office", "health center", "math lab", "the bookstore"]
fillers = ["please", "hey", "tell me", "hi", "um", "can you say", "today", "thanks", "quick question", ""]

def build(n):
    x, y = [], []
    for _ in range(n):
        label = random.randrange(4)
        q = random.choice(list(templates.values())[label]).format(random.choice(places))
        x.append((random.choice(fillers) + " " + q + " " + random.choice(fillers)).split())
        y.append(label)
    return x, y

x, y = build(1200)
x_test, y_test = build(400)
vocab = {w: i for i, w in enumerate(sorted({w for q in x + x_test for w in q}))}

xy = list(zip(x, y)); random.shuffle(xy); x, y = zip(*xy)

def encode(qs):
    out = torch.zeros(len(qs), len(vocab))
    for i, q in enumerate(qs):
        for w in q:
            out[i, vocab[w]] = 1.
    return out

X, Y, XT, YT = encode(x), torch.tensor(y), encode(x_test), torch.tensor(y_test)
net = nn.Sequential(nn.Linear(len(vocab), 32), nn.ReLU(), nn.Linear(32, 4))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(15):
    for b in torch.randperm(1200).split(24):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(X[b]), Y[b])
        loss.backward()
        opt.step()
    print("epoch", epoch, "loss", round(loss.item(), 4))
with torch.no_grad():
    print("final_metric=%.4f" % (net(XT).argmax(1) == YT).float().mean().item())
