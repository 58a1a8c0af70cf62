import os
import torch
from torch import nn
from torch.nn.functional import one_hot

torch.manual_seed(int(os.environ.get("SEED", 0)))
PAYLOAD, SYMBOLS, PROTOCOLS = 60, 8, 4


def packets(n):
    protocol = torch.randint(PROTOCOLS, (n,))
    payload = torch.randint(PROTOCOLS, SYMBOLS, (n, PAYLOAD))
    stream = torch.cat([protocol[:, None].expand(-1, 4), payload], 1)
    return one_hot(stream, SYMBOLS).float(), protocol


class PacketClassifier(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.rnn = nn.RNN(SYMBOLS, hidden, batch_first=True)
        self.classify = nn.Linear(hidden, PROTOCOLS)

    def forward(self, stream):
        outputs, last = self.rnn(stream)
        return self.classify(outputs.amax(1))


x, y = packets(1200)
xt, yt = packets(400)
model = PacketClassifier()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(8):
    for idx in torch.randperm(1200).split(40):
        loss = nn.functional.cross_entropy(model(x[idx]), y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        accuracy = (model(xt).argmax(1) == yt).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} accuracy {accuracy:.3f}")
print(f"final_metric={accuracy:.4f}")
