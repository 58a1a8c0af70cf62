import os
import torch
import torch.nn as nn


class Config:
    seed = int(os.environ.get("SEED", 0))
    n_train, n_val = 3000, 800
    length, vocab, n_tags = 10, 60, 8
    width, heads, layers = 32, 4, 2
    dropout = 0.9
    lr = 2e-3
    epochs = 10
    batch = 50


class Tagger(nn.Module):
    """A few encoder layers, mean pooling, one logit for each tag."""

    def __init__(self, c):
        super().__init__()
        self.embed = nn.Embedding(c.vocab, c.width)
        self.pos = nn.Parameter(0.02 * torch.randn(c.length, c.width))
        layer = nn.TransformerEncoderLayer(c.width, c.heads, 64, dropout=c.dropout, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, c.layers)
        self.drop = nn.Dropout(c.dropout)
        self.head = nn.Linear(c.width, c.n_tags)

    def forward(self, ids):
        h = self.encoder(self.embed(ids) + self.pos)
        return self.head(self.drop(h.mean(1)))


def make_data(c, n, table):
    ids = torch.randint(0, c.vocab, (n, c.length))
    tags = torch.zeros(n, c.n_tags)
    for t in range(c.n_tags):
        tags[:, t] = table[t][ids].any(1).float()
    return ids, tags


def main():
    c = Config()
    torch.manual_seed(c.seed)
    table = torch.zeros(c.n_tags, c.vocab, dtype=torch.bool)
    for t in range(c.n_tags):
        table[t, torch.randperm(c.vocab)[:4]] = True
    ids, tags = make_data(c, c.n_train, table)
    v_ids, v_tags = make_data(c, c.n_val, table)

    model = Tagger(c)
    opt = torch.optim.Adam(model.parameters(), lr=c.lr)
    bce = nn.BCEWithLogitsLoss()

    for epoch in range(c.epochs):
        model.train()
        order = torch.randperm(c.n_train)
        epoch_loss = 0
        for chunk in order.split(c.batch):
            loss = bce(model(ids[chunk]), tags[chunk])
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            opt.step()
            epoch_loss += loss.item() * len(chunk)
        model.eval()
        with torch.no_grad():
            logits = model(v_ids)
            val = bce(logits, v_tags).item()
            pred = (logits > 0).float()
            f1 = 2 * (pred * v_tags).sum() / (pred.sum() + v_tags.sum())
        print(f"epoch {epoch:2d} train {epoch_loss / c.n_train:.4f} val {val:.4f} micro-F1 {f1:.4f}")
    print(f"final_metric={f1.item():.4f}")


main()
