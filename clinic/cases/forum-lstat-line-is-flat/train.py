import os
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from sklearn.datasets import load_diabetes

torch.manual_seed(int(os.environ.get("SEED", 0)))

class LinearRegressionModule(nn.Module):
    def __init__(self, num_features):
        super().__init__()
        self.register_parameter('weights', nn.Parameter(torch.rand((num_features, 1)) * 0.01))
        self.register_parameter('bias', nn.Parameter(torch.randn(1) * 0.01))

    def forward(self, inputs):
        return torch.matmul(inputs, self.weights) + self.bias

def train(inputs, targets, total_epochs=2000):
    mod = LinearRegressionModule(inputs.shape[1])
    optimizer = optim.AdamW(mod.parameters(), lr=0.005)
    for step in range(total_epochs):
        outputs = mod.forward(inputs)
        loss = F.mse_loss(outputs, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 200 == 0:
            print(f"step={step} loss={loss.item()}")
    return mod

def main():
    d = load_diabetes()
    data = torch.tensor(d.data, dtype=torch.float32)
    data = (data - data.mean(0)) / data.std(0)
    medv = torch.tensor(d.target, dtype=torch.float32)
    medv = (medv - medv.mean()) / medv.std()
    p = torch.randperm(len(medv))
    data, medv = data[p], medv[p]
    mod = train(data[:340], medv[:340])
    with torch.no_grad():
        pred = mod(data[340:]).squeeze(1)
    r2 = 1 - ((pred - medv[340:]) ** 2).mean() / medv[340:].var()
    print(f"final_metric={r2.item():.4f}")

if __name__ == "__main__":
    main()
