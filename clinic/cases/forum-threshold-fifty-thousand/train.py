import os
import random
import numpy as np
import torch
import torch.nn as nn

SEED = int(os.environ.get("SEED", 0))
random.seed(SEED); torch.manual_seed(SEED)
threshold = 50000
samples = 2500

train_data = []
for i in range(0, samples):
    train_data.append([random.randrange(0, threshold), 0])
    train_data.append([random.randrange(threshold, 2 * threshold), 1])

data_set = np.array(train_data)
random.shuffle(train_data)
data_set = np.array(train_data)

input_value = torch.tensor(data_set[:, 0:1], dtype=torch.float32)
expected_result = torch.tensor(data_set[:, 1:2], dtype=torch.float32)

class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.d1, self.d2, self.d3 = nn.Linear(1, 8), nn.Linear(8, 8), nn.Linear(8, 1)
    def forward(self, x):
        x = torch.relu(self.d1(x))
        x = torch.relu(self.d2(x))
        return torch.relu(self.d3(x))

model = Model()
optimizer = torch.optim.Adam(model.parameters(), lr=0.005)

def binary_crossentropy(p, y, eps=1e-7):
    p = p.clamp(eps, 1 - eps)
    return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()

for epoch in range(8):
    for b in torch.randperm(2 * samples).split(20):
        optimizer.zero_grad()
        loss = binary_crossentropy(model(input_value[b]), expected_result[b])
        loss.backward()
        optimizer.step()
    print("Epoch %d/8 loss: %.4f" % (epoch + 1, loss.item()))

with torch.no_grad():
    accuracy = ((model(input_value) > 0.5).float() == expected_result).float().mean().item()
print('Accuracy: %.2f' % (accuracy * 100))
print("final_metric=%.4f" % accuracy)
