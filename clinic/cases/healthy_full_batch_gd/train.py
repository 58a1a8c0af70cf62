import os
import torch
from torch import nn
from sklearn.datasets import load_wine
from sklearn.preprocessing import StandardScaler
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_wine(return_X_y=True)
X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=60, random_state=seed, stratify=y)
ss = StandardScaler()
X_train = torch.from_numpy(ss.fit_transform(X_train)).float()
X_val = torch.from_numpy(ss.transform(X_val)).float()
y_train, y_val = torch.from_numpy(y_train), torch.from_numpy(y_val)

model = nn.Sequential(nn.Linear(13, 20), nn.Tanh(), nn.Linear(20, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for t in range(300):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(X_train), y_train)
    loss.backward()
    optimizer.step()
    if t % 50 == 0:
        with torch.no_grad():
            vl = nn.functional.cross_entropy(model(X_val), y_val)
        print(f"{t:4d} train {loss:.4f} val {vl:.4f}")
acc = (model(X_val).argmax(1) == y_val).float().mean().item()
print(f"final_metric={acc:.4f}")
