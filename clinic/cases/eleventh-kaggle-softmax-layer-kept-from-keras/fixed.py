import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import make_classification
from sklearn.preprocessing import StandardScaler
from sklearn.model_selection import train_test_split

RANDOM_STATE = int(os.environ.get("SEED", 0))
torch.manual_seed(RANDOM_STATE)

X, y = make_classification(n_samples=3000, n_features=20, n_informative=12, n_redundant=2, n_classes=8,
                           n_clusters_per_class=1, class_sep=1.6, random_state=RANDOM_STATE)
x_train, x_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=RANDOM_STATE)
scaler = StandardScaler().fit(x_train)
x_train, x_test = scaler.transform(x_train), scaler.transform(x_test)

model = nn.Sequential(
    nn.Linear(20, 64),
    nn.ReLU(),
    nn.Dropout(0.1),
    nn.Linear(64, 32),
    nn.ReLU(),
    nn.Linear(32, 8),
    
)


def compile_and_fit(model, x, y, validation_data, epochs=6, batch_size=32):
    opt = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    loss_fn = nn.CrossEntropyLoss()
    x, y = torch.tensor(x, dtype=torch.float32), torch.tensor(y)
    xv, yv = torch.tensor(validation_data[0], dtype=torch.float32), torch.tensor(validation_data[1])
    history = {"loss": [], "val_acc": []}
    for epoch in range(epochs):
        model.train()
        losses = []
        for idx in torch.randperm(len(x)).split(batch_size):
            opt.zero_grad()
            loss = loss_fn(model(x[idx]), y[idx])
            loss.backward()
            opt.step()
            losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            val_acc = (model(xv).argmax(1) == yv).float().mean().item()
        history["loss"].append(np.mean(losses))
        history["val_acc"].append(val_acc)
        print(f"Epoch {epoch + 1}/{epochs} - loss: {np.mean(losses):.4f} - val_accuracy: {val_acc:.4f}")
    return history


history = compile_and_fit(model, x_train, y_train, (x_test, y_test))
print(f"final_metric={history['val_acc'][-1]:.4f}")
