import os
import torch
import torch.nn as nn
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

# 0) data
seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
bc = load_breast_cancer()
X_train, X_test, y_train, y_test = train_test_split(bc.data, bc.target, test_size=0.25, random_state=seed)
sc = StandardScaler()
X_train = torch.from_numpy(sc.fit_transform(X_train).astype("float32"))
X_test = torch.from_numpy(sc.transform(X_test).astype("float32"))
y_train = torch.from_numpy(y_train.astype("float32")).view(-1, 1)
y_test = torch.from_numpy(y_test.astype("float32")).view(-1, 1)


# 1) model
class LogisticRegression(nn.Module):
    def __init__(self, n_input_features):
        super(LogisticRegression, self).__init__()
        self.linear = nn.Linear(n_input_features, 1)

    def forward(self, x):
        return torch.sigmoid(self.linear(x))


model = LogisticRegression(30)

# 2) loss and optimizer
criterion = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

# 3) training loop
for epoch in range(300):
    y_predicted = model(X_train)
    loss = criterion(y_predicted, y_train)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    if (epoch + 1) % 50 == 0:
        print(f"epoch: {epoch + 1}, loss = {loss.item():.4f}")

with torch.no_grad():
    acc = model(X_test).round().eq(y_test).sum() / float(y_test.shape[0])
    print(f"final_metric={acc.item():.4f}")
