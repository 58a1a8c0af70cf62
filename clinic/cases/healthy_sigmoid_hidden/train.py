import os
import numpy as np
import torch

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

data = load_digits()
x1, x2, t1, t2 = train_test_split(data.data / 8 - 1, data.target, test_size=0.25, random_state=seed)
x1, x2 = torch.Tensor(x1), torch.Tensor(x2)
t1, t2 = torch.LongTensor(t1), torch.LongTensor(t2)

mlp = torch.nn.Sequential(
    torch.nn.Linear(64, 60),
    torch.nn.Sigmoid(),
    torch.nn.Linear(60, 10),
)
optimiser = torch.optim.Adam(mlp.parameters(), lr=0.01)
criterion = torch.nn.CrossEntropyLoss()
for epoch in range(25):
    for batch in torch.randperm(len(x1)).split(64):
        optimiser.zero_grad()
        criterion(mlp(x1[batch]), t1[batch]).backward()
        optimiser.step()
print(f"final_metric={(mlp(x2).argmax(1) == t2).float().mean().item():.4f}")
