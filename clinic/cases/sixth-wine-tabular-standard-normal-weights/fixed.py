import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import make_classification
from sklearn.preprocessing import StandardScaler
from sklearn.model_selection import train_test_split

SEED = int(os.environ.get("SEED", 0))
np.random.seed(SEED)
torch.manual_seed(SEED)

X, y = make_classification(n_samples=4000, n_features=24, n_informative=12, n_redundant=4, n_classes=5,
                           n_clusters_per_class=1, class_sep=1.6, flip_y=0.01, random_state=SEED)
X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.25, random_state=SEED)
scaler = StandardScaler()
X_tr = torch.FloatTensor(scaler.fit_transform(X_tr))
X_te = torch.FloatTensor(scaler.transform(X_te))
y_tr, y_te = torch.LongTensor(y_tr), torch.LongTensor(y_te)


def weights_init(m):
    if isinstance(m, nn.Linear):
        nn.init.kaiming_normal_(m.weight)
        nn.init.zeros_(m.bias)


model = nn.Sequential(
    nn.Linear(24, 96), nn.ReLU(),
    nn.Linear(96, 96), nn.ReLU(),
    nn.Linear(96, 48), nn.ReLU(),
    nn.Linear(48, 5),
)
model.apply(weights_init)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-4)
loss_fn = nn.CrossEntropyLoss()

EPOCHS, BATCH = 8, 50
for epoch in range(EPOCHS):
    model.train()
    losses = []
    perm = np.random.permutation(len(X_tr))
    for k in range(0, len(perm), BATCH):
        rows = perm[k:k + BATCH]
        optimizer.zero_grad()
        loss = loss_fn(model(X_tr[rows]), y_tr[rows])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        logits = model(X_te)
        acc = (logits.argmax(1) == y_te).float().mean().item()
        vl = loss_fn(logits, y_te).item()
    print(f"epoch {epoch+1}/{EPOCHS} train {np.mean(losses):.3f} val {vl:.3f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
