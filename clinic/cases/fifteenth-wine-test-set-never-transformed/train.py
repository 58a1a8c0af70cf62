import os

import torch
import torch.nn as nn
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler

# In[1]:
SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
X, y = load_wine(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=SEED)

# In[2]:
mms = MinMaxScaler((-1, 1))
X_train = mms.fit_transform(X_train)
X_train, X_test = torch.Tensor(X_train), torch.Tensor(X_test)
y_train, y_test = torch.LongTensor(y_train), torch.LongTensor(y_test)

# In[3]:
model = nn.Sequential(nn.Linear(13, 20), nn.ReLU(), nn.Linear(20, 3))
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3, weight_decay=1e-3)

# In[4]:
train_losses, test_losses = [], []
for epoch in range(50):
    model.train()
    for b in torch.randperm(len(X_train)).split(16):
        optimizer.zero_grad()
        loss = loss_fn(model(X_train[b]), y_train[b])
        loss.backward()
        optimizer.step()
    train_losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        out = model(X_test)
        test_losses.append(loss_fn(out, y_test).item())
    if epoch % 10 == 9:
        print(epoch + 1, train_losses[-1], test_losses[-1])

# In[5]:
print(f"final_metric={(out.argmax(1) == y_test).float().mean().item():.4f}")
