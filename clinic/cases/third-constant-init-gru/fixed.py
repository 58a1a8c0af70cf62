import os
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
gen = torch.Generator().manual_seed(seed)

def brackets(n, T=12):
    "token 0 '(' , 1 ')' , 2..4 other; tag = kind of last bracket seen and parity of token 2 so far"
    s = torch.randint(0, 5, (n, T), generator=gen)
    tag = torch.zeros(n, T, dtype=torch.long)
    last = torch.zeros(n, dtype=torch.long); par = torch.zeros(n, dtype=torch.long)
    for t in range(T):
        last = torch.where(s[:, t] < 2, s[:, t], last)
        par = (par + (s[:, t] == 2).long()) % 2
        tag[:, t] = last + 2 * par
    return s, tag

class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(5, 24, batch_first=True)
        self.proj = nn.Linear(24, 4)
        for name, w in self.named_parameters():
            nn.init.xavier_uniform_(w) if w.dim() > 1 else nn.init.zeros_(w)
    def forward(self, s):
        return self.proj(self.gru(nn.functional.one_hot(s, 5).float())[0])

net = Tagger()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for it in range(500):
    s, tag = brackets(64)
    loss = nn.functional.cross_entropy(net(s).flatten(0, 1), tag.flatten())
    opt.zero_grad(); loss.backward(); opt.step()
    if not it % 100: print(f"{it=} {loss.item()=:.4f}")
with torch.no_grad():
    s, tag = brackets(1000)
    print(f"final_metric={(net(s).argmax(-1) == tag).float().mean().item():.4f}")
