import os
import torch
from torch import nn
from sklearn.datasets import make_moons

RANDOM_SEED = int(os.environ.get("SEED", 42))
torch.manual_seed(RANDOM_SEED)
X, y = make_moons(n_samples=2000, noise=0.18, random_state=RANDOM_SEED)
X = torch.from_numpy(X).float()
X = (X - X.mean(dim=0)) / X.std(dim=0)
y = torch.from_numpy(y).float()
X_train, X_test, y_train, y_test = X[:1600], X[1600:], y[:1600], y[1600:]


class MoonModel(nn.Module):
    def __init__(self, hidden_units):
        super().__init__()
        self.layer_stack = nn.Sequential(
            nn.Linear(2, hidden_units), nn.Tanh(), nn.Linear(hidden_units, hidden_units), nn.Tanh(), nn.Linear(hidden_units, 1))

    def forward(self, x):
        return self.layer_stack(x)


def accuracy_fn(y_true, y_pred):
    return (y_true == y_pred).sum().item() / len(y_pred) * 100


model_0 = MoonModel(20)
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.SGD(model_0.parameters(), lr=0.1, momentum=0.9)
for epoch in range(20):
    model_0.train()
    for idx in torch.randperm(1600).split(40):
        y_logits = model_0(X_train[idx]).squeeze()
        loss = loss_fn(y_logits, y_train[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model_0.eval()
    with torch.inference_mode():
        tr = loss_fn(model_0(X_train).squeeze(), y_train)
        test_logits = model_0(X_test).squeeze()
        test_loss = loss_fn(test_logits, y_test)
        test_acc = accuracy_fn(y_test, torch.round(torch.sigmoid(test_logits)))
    print(f"Epoch: {epoch} | Loss: {tr:.5f} | Test loss: {test_loss:.5f}, Test acc: {test_acc:.2f}%")
print(f"final_metric={test_acc / 100:.4f}")
