# RankNet on synthetic queries, 8 documents each
import os
import torch

torch.manual_seed(int(os.environ.get("SEED", 0)))


def queries(n, docs=8):
    f = torch.randn(n, docs, 10)
    rel = f[..., 0] + 0.8 * torch.relu(f[..., 1]) - 0.6 * f[..., 2] * f[..., 3].sign() + 0.2 * torch.randn(n, docs)
    return f, rel


ranker = torch.nn.Sequential(torch.nn.Linear(10, 48), torch.nn.ELU(), torch.nn.Linear(48, 24), torch.nn.ELU(), torch.nn.Linear(24, 1))
opt = torch.optim.RMSprop(ranker.parameters(), lr=1e-3)
f, rel = queries(1500)
ft, relt = queries(400)
i, j = torch.triu_indices(8, 8, 1)
for epoch in range(15):
    for q in torch.randperm(1500).split(30):
        s = ranker(f[q]).squeeze(-1)
        sign = (rel[q][:, i] > rel[q][:, j]).float()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(s[:, i] - s[:, j], sign)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        st = ranker(ft).squeeze(-1)
        tau = ((st[:, i] > st[:, j]) == (relt[:, i] > relt[:, j])).float().mean().item()
    print(epoch, round(loss.item(), 4), round(tau, 4))
print(f"final_metric={tau:.4f}")
