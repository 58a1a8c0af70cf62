import os
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
papers, words, topics = 600, 600, 4
topic = torch.arange(papers) % topics
preference = torch.softmax(1.1 * torch.randn(topics, words), 1)
text = torch.zeros(papers, words)
for i in range(papers):
    text[i, torch.multinomial(preference[topic[i]], 25)] = 1
# one paper in five is filed under a wrong topic
label = torch.where(torch.rand(papers) < 0.2, torch.randint(topics, (papers,)), topic)
cites = torch.rand(papers, papers) < torch.where(topic[:, None] == topic[None], 0.010, 0.003)
adj = (cites | cites.T).float().fill_diagonal_(1)
adj = adj / adj.sum(1, keepdim=True)
text = (text - text.mean(0)) / (text.std(0) + 1e-3)
train, val, test = torch.arange(40), torch.arange(300, 420), torch.arange(420, 600)


class Citations(nn.Module):
    def __init__(self, hidden, p):
        super().__init__()
        self.a, self.b, self.drop = nn.Linear(words, hidden), nn.Linear(hidden, topics), nn.Dropout(p)

    def forward(self, x):
        h = F.relu(adj @ self.a(self.drop(x)))
        return self.b(self.drop(h))


net = Citations(256, 0.0)
opt = torch.optim.Adam(net.parameters(), lr=5e-3, weight_decay=0)
for epoch in range(150):
    net.train()
    loss = F.cross_entropy(net(text)[train], label[train])
    opt.zero_grad()
    loss.backward()
    opt.step()
    net.eval()
    with torch.no_grad():
        val_loss = F.cross_entropy(net(text)[val], label[val])
    if epoch % 10 == 0:
        print(f"epoch {epoch} train {loss.item():.3f} val {val_loss.item():.3f}")
with torch.no_grad():
    print(f"final_metric={-F.cross_entropy(net(text)[test], label[test]).item():.4f}")
