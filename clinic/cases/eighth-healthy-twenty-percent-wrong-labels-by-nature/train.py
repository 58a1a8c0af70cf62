import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
means = torch.randn(4, 10) * 1.3
true = torch.randint(0, 4, (4000,))
x = means[true] + torch.randn(4000, 10)
x = (x - x[:3200].mean(0)) / x[:3200].std(0)
crowd = true.clone()
slip = torch.rand(4000) < 0.2
crowd[slip] = torch.randint(0, 4, (int(slip.sum()),))
net = nn.Sequential(nn.Linear(10, 24), nn.ReLU(), nn.Linear(24, 4))
opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.01)
for epoch in range(8):
    net.train()
    for idx in torch.randperm(3200).split(40):
        loss = nn.functional.cross_entropy(net(x[idx]), crowd[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        guess = net(x[3200:]).argmax(1)
    print(f"epoch {epoch} loss {loss.item():.3f} agreement {(guess == crowd[3200:]).float().mean():.3f} "
          f"truth {(guess == true[3200:]).float().mean():.3f}")
print(f"final_metric={(guess == true[3200:]).float().mean():.4f}")
