import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
days, lookback = 2200, 12
season = torch.sin(torch.arange(days) * 0.35)
interest = torch.zeros(days)
for d in range(1, days):
    interest[d] = 0.8 * interest[d - 1] + 0.6 * torch.randn(1).item()
price = 30 + 2 * season + 0.6 * interest
volume = 2.0e6 + 3.0e5 * interest + 5e4 * torch.randn(days)
table = torch.stack([price, volume], 1)
move = (price[lookback:] - price[lookback - 1:-1])
move = (move - move[:1700].mean()) / move[:1700].std()
sequences = table.unfold(0, lookback, 1).transpose(1, 2)[:-1]


class MoveModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, 32, batch_first=True)
        self.fc = nn.Linear(32, 1)

    def forward(self, x):
        out, _ = self.gru(x)
        return self.fc(out[:, -1]).squeeze(-1)


model = MoveModel()
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(20):
    model.train()
    for idx in torch.randperm(1700).split(50):
        optimizer.zero_grad()
        loss = criterion(model(sequences[idx]), move[idx])
        loss.backward()
        optimizer.step()
    if epoch % 2 == 0:
        print(f"Epoch [{epoch}/20], Loss: {loss.item():.5f}")
model.eval()
with torch.no_grad():
    later = criterion(model(sequences[1720:]), move[1720:]) / move[1720:].var()
print(f"final_metric={1 - later.item():.4f}")
