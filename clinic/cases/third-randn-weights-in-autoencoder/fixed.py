import os
import torch
from torch import nn
from sklearn.datasets import load_digits

def weights_init(m):
    classname = m.__class__.__name__
    if classname.find('Linear') != -1:
        m.weight.data.normal_(0.0, 1.0)
        m.bias.data.fill_(0)

torch.manual_seed(int(os.environ.get('SEED', 0)))
img = torch.tensor(load_digits().data).float() / 16
img = img[torch.randperm(len(img))] - img.mean()
encoder = nn.Sequential(nn.Linear(64, 128), nn.ReLU(True), nn.Linear(128, 64), nn.ReLU(True), nn.Linear(64, 12))
decoder = nn.Sequential(nn.Linear(12, 64), nn.ReLU(True), nn.Linear(64, 128), nn.ReLU(True), nn.Linear(128, 64))
ae = nn.Sequential(encoder, decoder)
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(ae.parameters(), lr=1e-3)
for epoch in range(15):
    ae.train()
    for k in range(0, 1400, 28):
        out = ae(img[k:k + 28])
        loss = criterion(out, img[k:k + 28])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    ae.eval()
    with torch.no_grad():
        test = criterion(ae(img[1400:]), img[1400:]).item()
    print('epoch [{}/15], loss:{:.4f}, test:{:.4f}'.format(epoch + 1, loss.item(), test))
print('final_metric={:.4f}'.format(max(1 - test / img[1400:].var().item(), -10)))
