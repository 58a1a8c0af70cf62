# XOR with a neural network
import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))

X = torch.tensor([[-1., -1.], [-1., 1.], [1., -1.], [1., 1.]])
y = torch.tensor([[0.], [1.], [1.], [0.]])


class XOR(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(2, 8)
        self.output = nn.Linear(8, 1)

    def forward(self, x):
        return self.output(torch.tanh(self.hidden(x)))


model = XOR()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
for epoch in range(300):
    optimizer.zero_grad()
    loss = criterion(model(X), y)
    loss.backward()
    optimizer.step()
    if epoch % 50 == 49:
        print("epoch", epoch + 1, "loss", round(loss.item(), 4))

with torch.no_grad():
    out = (model(X) > 0).float()
    print(torch.cat([X, out], 1))
print(f"final_metric={(out == y).float().mean().item():.4f}")
