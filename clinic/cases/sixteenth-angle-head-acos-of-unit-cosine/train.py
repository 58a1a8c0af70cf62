import os
import torch
import torch.nn.functional as F

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

# learn a rotation-invariant metric: match descriptors of the same keypoint
K, D = 40, 16
proto = torch.randn(K, D)


def pairs(n):
    k = torch.randint(0, K, (n,))
    same = torch.rand(n) < 0.5
    k2 = torch.where(same, k, (k + torch.randint(1, K, (n,))) % K)
    a = proto[k] + 0.4 * torch.randn(n, D)
    b = proto[k2] + 0.4 * torch.randn(n, D)
    exact = torch.rand(n) < 0.05        # some descriptors are stored twice
    b = torch.where((exact & same)[:, None], a, b)
    return a, b, same.float()


enc = torch.nn.Sequential(torch.nn.Linear(D, 48), torch.nn.ReLU(), torch.nn.Linear(48, 8))
opt = torch.optim.Adam(enc.parameters(), lr=2e-3)
va, vb, vs = pairs(1500)


def angle(a, b):
    c = F.cosine_similarity(enc(a), enc(b))
    return torch.acos(c.clamp(-1, 1))


for step in range(600):
    a, b, s = pairs(100)
    th = angle(a, b)
    loss = (s * th ** 2 + (1 - s) * F.relu(1.2 - th) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 99:
        with torch.no_grad():
            acc = ((angle(va, vb) < 0.6).float() == vs).float().mean().item()
        print(step, loss.item(), acc)
print(f"final_metric={acc:.4f}")
