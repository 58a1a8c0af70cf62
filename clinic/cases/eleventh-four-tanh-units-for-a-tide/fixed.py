# coding: utf-8
# In[1]:
import os, math
import torch
torch.manual_seed(int(os.environ.get("SEED", 0)))

# In[2]: the tide curve
n_hidden = 64
t = torch.rand(1200, 1) * 2 - 1
tide = lambda t: torch.sin(3 * math.pi * t) + 0.5 * torch.cos(5 * math.pi * t)
level = tide(t) + 0.05 * torch.randn_like(t)
t_test = torch.linspace(-1, 1, 400).unsqueeze(1)
inp = lambda t: t * math.sqrt(3)

# In[3]:
net = torch.nn.Sequential(
    torch.nn.Linear(1, n_hidden),
    torch.nn.Tanh(),
    torch.nn.Linear(n_hidden, n_hidden),
    torch.nn.Tanh(),
    torch.nn.Linear(n_hidden, 1),
)
optimizer = torch.optim.Adam(net.parameters(), lr=0.005)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 60)
loss_func = torch.nn.MSELoss()

# In[4]:
for epoch in range(60):
    for idx in torch.randperm(1200).split(60):
        prediction = net(inp(t[idx]))
        loss = loss_func(prediction, level[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    scheduler.step()
    if epoch % 12 == 11:
        print(epoch + 1, loss.item())

# In[5]:
with torch.no_grad():
    r2 = 1 - loss_func(net(inp(t_test)), tide(t_test)) / tide(t_test).var()
print(f"final_metric={r2.item():.4f}")
