import os
import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
data = load_breast_cancer()
X_train, X_test, y_train, y_test = train_test_split(data.data, data.target, test_size=0.3, random_state=seed, stratify=data.target)
sc = StandardScaler().fit(X_train)
X_train = torch.tensor(sc.transform(X_train)).float()
X_test = torch.tensor(sc.transform(X_test)).float()
y_train = torch.tensor(y_train).float()
y_test = torch.tensor(y_test).float()


class KernelSVM(torch.nn.Module):
    def __init__(self, n_in, n_feat=60):
        super().__init__()
        self.hidden = torch.nn.Linear(n_in, n_feat)
        self.out = torch.nn.Linear(n_feat, 1)

    def forward(self, x):
        return self.out(torch.cos(self.hidden(x))).squeeze(-1)


def hinge(score, y):
    return torch.clamp(1 - y * score, min=0).mean()


svm = KernelSVM(30)
opt = torch.optim.SGD(svm.parameters(), lr=0.05, weight_decay=1e-3)
for epoch in range(40):
    for idx in torch.randperm(len(X_train)).split(20):
        loss = hinge(svm(X_train[idx]), 2 * y_train[idx] - 1)
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 10 == 9:
        print("epoch", epoch + 1, "hinge", loss.item())
with torch.no_grad():
    pred = (svm(X_test) > 0).float()
    tpr = (pred[y_test == 1] == 1).float().mean()
    tnr = (pred[y_test == 0] == 0).float().mean()
print(f"final_metric={(tpr + tnr).item() / 2:.4f}")
