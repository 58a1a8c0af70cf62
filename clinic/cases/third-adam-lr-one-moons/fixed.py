import os
import torch
from torch import nn
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split

RANDOM = int(os.environ.get("SEED", 0))
torch.manual_seed(RANDOM)
X, y = make_moons(n_samples=2000, noise=0.2, random_state=RANDOM)
X = torch.from_numpy(X).type(torch.float); y = torch.from_numpy(y).type(torch.float)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=RANDOM)

class MoonModelV0(nn.Module):
    def __init__(self, hidden_units=32):
        super().__init__()
        self.layer_1 = nn.Linear(2, hidden_units)
        self.layer_2 = nn.Linear(hidden_units, hidden_units)
        self.layer_3 = nn.Linear(hidden_units, 1)
        self.relu = nn.ReLU()
    def forward(self, x):
        return self.layer_3(self.relu(self.layer_2(self.relu(self.layer_1(x)))))

model_0 = MoonModelV0()
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(params=model_0.parameters(), lr=0.005)
for epoch in range(15):
    model_0.train()
    for b in torch.randperm(1600).split(32):
        y_logits = model_0(X_train[b]).squeeze()
        loss = loss_fn(y_logits, y_train[b])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model_0.eval()
    with torch.inference_mode():
        test_logits = model_0(X_test).squeeze()
        test_loss = loss_fn(test_logits, y_test)
        acc = (torch.round(torch.sigmoid(test_logits)) == y_test).float().mean()
    print(f"Epoch: {epoch} | Loss: {loss:.5f} | Test Loss: {test_loss:.5f}, Test Acc: {acc:.2%}")
print(f"final_metric={acc.item():.4f}")
