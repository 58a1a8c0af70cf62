import os
import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)


def curves(n):
    t = np.arange(24)
    kind = np.random.randint(0, 3, n)
    start = np.random.uniform(6000, 9000, (n, 1))
    flat = np.ones((n, 24))
    dip = 1 - 0.6 * np.exp(-((t - np.random.uniform(8, 16, (n, 1))) / 3) ** 2)
    flare = 1 + 1.2 * np.exp(-np.clip(t - np.random.uniform(6, 14, (n, 1)), 0, None) / 4) * (t > 9)
    shape = np.stack([flat, dip, flare])[kind, np.arange(n)]
    counts = start * shape * (1 + 0.12 * np.random.randn(n, 24))
    return counts[..., None].astype(np.float32), kind


class LightCurveLSTM(nn.Module):
    def __init__(self, hidden_size=32, num_classes=3):
        super(LightCurveLSTM, self).__init__()
        self.lstm = nn.LSTM(input_size=1, hidden_size=hidden_size, batch_first=True)
        self.fc = nn.Linear(hidden_size, num_classes)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.fc(out.mean(dim=1))


X_train, y_train = curves(1500)
X_val, y_val = curves(300)
X_train, X_val = torch.from_numpy(X_train), torch.from_numpy(X_val)
y_train, y_val = torch.from_numpy(y_train), torch.from_numpy(y_val)
mean, std = X_train.mean(), X_train.std()
X_train, X_val = (X_train - mean) / std, (X_val - mean) / std

model = LightCurveLSTM()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
for epoch in range(10):
    model.train()
    train_loss = 0.0
    for idx in torch.randperm(len(X_train)).split(30):
        optimizer.zero_grad()
        loss = criterion(model(X_train[idx]), y_train[idx])
        loss.backward()
        optimizer.step()
        train_loss += loss.item() * len(idx)
    model.eval()
    with torch.no_grad():
        val_acc = (model(X_val).argmax(1) == y_val).float().mean().item()
    print(f"Epoch [{epoch + 1}/10], Loss: {train_loss / len(X_train):.4f}, Val acc: {val_acc:.4f}")
print(f"final_metric={val_acc:.4f}")
