import os
import torch

torch.manual_seed(int(os.environ.get("SEED", 0)))

# net from scratch, following the lecture notes
sizes = [20, 128, 128, 128, 4]
params = []
for n_in, n_out in zip(sizes[:-1], sizes[1:]):
    W = torch.randn(n_in, n_out) * (2 / n_in) ** 0.5
    b = torch.zeros(n_out)
    params += [W.requires_grad_(), b.requires_grad_()]


def forward(x):
    for k in range(0, len(params), 2):
        x = x @ params[k] + params[k + 1]
        if k < len(params) - 2:
            x = x.clamp(min=0)
    return x


centers = torch.randn(12, 20)
cls = torch.randint(0, 12, (5000,))
data = centers[cls] + 0.8 * torch.randn(5000, 20)
lab = cls % 4
tr, te = slice(0, 4000), slice(4000, None)
opt = torch.optim.SGD(params, lr=0.03, momentum=0.9)
for epoch in range(6):
    perm = torch.randperm(4000)
    for i in range(0, 4000, 40):
        j = perm[i:i + 40]
        loss = torch.nn.functional.cross_entropy(forward(data[tr][j]), lab[tr][j])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (forward(data[te]).argmax(1) == lab[te]).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.3f} test acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
