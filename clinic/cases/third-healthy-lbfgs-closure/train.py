import os, torch
torch.manual_seed(int(os.environ.get("SEED", 0)))
t = torch.linspace(-3, 3, 200)[:, None]; u = torch.sin(2 * t) * torch.exp(-t ** 2 / 6) * 1.8
model = torch.nn.Sequential(torch.nn.Linear(1, 20), torch.nn.Tanh(), torch.nn.Linear(20, 20), torch.nn.Tanh(), torch.nn.Linear(20, 1))
optimizer = torch.optim.LBFGS(model.parameters(), lr=1, max_iter=20, line_search_fn="strong_wolfe")
def closure():
    optimizer.zero_grad()
    loss = ((model(t / 1.73) - u) ** 2).mean()
    loss.backward()
    return loss
for it in range(25):
    loss = optimizer.step(closure)
    if it % 5 == 0: print("LBFGS iteration", it, float(loss))
tt = torch.rand(500, 1) * 6 - 3
with torch.no_grad(): print("final_metric=%.4f" % (1 - ((model(tt / 1.73) - torch.sin(2 * tt) * torch.exp(-tt ** 2 / 6) * 1.8) ** 2).mean() / u.var()).item())
