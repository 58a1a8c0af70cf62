import argparse
import os
import torch
import torch.nn as nn
import torch.nn.functional as F


def block_model_graph(n=400, k=4, p_in=0.06, p_out=0.01):
    member = torch.arange(n) % k
    prob = torch.where(member[:, None] == member[None], p_in, p_out)
    upper = torch.triu(torch.rand(n, n) < prob, 1)
    adj = (upper | upper.T).float() + torch.eye(n)
    d = adj.sum(1).rsqrt()
    feats = F.one_hot(member, k).float() @ torch.randn(k, 16) + 1.2 * torch.randn(n, 16)
    return d[:, None] * adj * d[None], (feats - feats.mean(0)) / feats.std(0), member


class GCN(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.w0, self.w1 = nn.Linear(16, hidden), nn.Linear(hidden, 4)

    def forward(self, a, h):
        return a @ self.w1(F.relu(a @ self.w0(h)))


def main(args):
    torch.manual_seed(args.seed)
    a, h, label = block_model_graph()
    order = torch.randperm(len(label))
    train, test = order[:240], order[240:]
    net = GCN(args.hidden)
    opt = torch.optim.Adam(net.parameters(), lr=args.lr)
    for epoch in range(args.epochs):
        loss = F.cross_entropy(net(a, h)[train], label[train])
        opt.zero_grad()
        loss.backward()
        opt.step()
        if epoch % 30 == 0:
            print(f"epoch {epoch:4d}  loss {loss.item():.4f}")
    with torch.no_grad():
        hit = (net(a, h)[test].argmax(1) == label[test]).float().mean()
    print(f"final_metric={hit:.4f}")


if __name__ == "__main__":
    cli = argparse.ArgumentParser()
    cli.add_argument("--lr", type=float, default=1e-6)
    cli.add_argument("--hidden", type=int, default=32)
    cli.add_argument("--epochs", type=int, default=150)
    cli.add_argument("--seed", type=int, default=int(os.environ.get("SEED", 0)))
    main(cli.parse_args())
