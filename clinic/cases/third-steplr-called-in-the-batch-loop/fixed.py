import os
import torch
import torch.nn as nn
import torch.optim as optim
from torch.optim import lr_scheduler
from sklearn.datasets import make_gaussian_quantiles

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_gaussian_quantiles(n_samples=4000, n_features=3, n_classes=3, random_state=int(os.environ.get("SEED", 0)))
X = torch.FloatTensor(X); y = torch.LongTensor(y)
dl = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(X[:3200], y[:3200]), batch_size=64, shuffle=True)

def train_model(model, criterion, optimizer, scheduler, num_epochs=20):
    for epoch in range(num_epochs):
        running = 0.0
        for inputs, labels in dl:
            optimizer.zero_grad()
            loss = criterion(model(inputs), labels)
            loss.backward()
            optimizer.step()
            running += loss.item() * inputs.size(0)
        scheduler.step()
        with torch.no_grad():
            out = model(X[3200:])
            print('Epoch {}/{} train {:.4f} val {:.4f} Acc: {:.4f}'.format(epoch, num_epochs - 1, running / 3200, criterion(out, y[3200:]), (out.argmax(1) == y[3200:]).float().mean()))
    return model

model_ft = nn.Sequential(nn.Linear(3, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 3))
optimizer_ft = optim.SGD(model_ft.parameters(), lr=0.05, momentum=0.9)
exp_lr_scheduler = lr_scheduler.StepLR(optimizer_ft, step_size=10, gamma=0.1)
model_ft = train_model(model_ft, nn.CrossEntropyLoss(), optimizer_ft, exp_lr_scheduler)
with torch.no_grad():
    print('final_metric=%.4f' % (model_ft(X[3200:]).argmax(1) == y[3200:]).float().mean().item())
