import os
import torch
from torch import nn
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


class WineNet(nn.Module):
    """Shared by several experiments; the rotation head is only used in self-supervised runs."""

    def __init__(self, aux=True):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(13, 40), nn.ELU(), nn.Linear(40, 40), nn.ELU())
        self.classifier = nn.Linear(40, 3)
        self.aux_head = nn.Linear(40, 4) if aux else None

    def forward(self, x, return_aux=False):
        h = self.body(x)
        if return_aux:
            return self.classifier(h), self.aux_head(h)
        return self.classifier(h)


def main():
    seed = int(os.environ.get("SEED", 0))
    torch.manual_seed(seed)
    X, y = load_wine(return_X_y=True)
    Xt, Xv, yt, yv = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    scaler = StandardScaler().fit(Xt)
    Xt, Xv = (torch.tensor(scaler.transform(a), dtype=torch.float32) for a in (Xt, Xv))
    yt, yv = torch.tensor(yt), torch.tensor(yv)
    model = WineNet()
    opt = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
    for epoch in range(30):
        for i in torch.randperm(len(Xt)).split(20):
            loss = nn.functional.cross_entropy(model(Xt[i]), yt[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
        print(epoch, loss.item())
    model.eval()
    with torch.no_grad():
        acc = (model(Xv).argmax(1) == yv).float().mean().item()
    print(f"final_metric={acc:.4f}")


main()
