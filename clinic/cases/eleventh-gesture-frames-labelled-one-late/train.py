import os
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader

torch.manual_seed(int(os.environ.get("SEED", 0)))
N_CLASSES, N_MARKERS = 6, 14


class MarkerLog(Dataset):
    """Reads the logger's two streams: marker positions, and the gesture key pressed by the operator."""

    def __init__(self, poses, n):
        keys = torch.randint(0, N_CLASSES, (n,))
        shape = torch.randint(0, 2, (n,))
        self.markers = poses[keys, shape] + 0.5 * torch.randn(n, N_MARKERS)
        # the operator's key is written one line later than the frame
        self.keys = keys.roll(1)

    def __len__(self):
        return len(self.markers)

    def __getitem__(self, i):
        return {"markers": self.markers[i], "key": self.keys[i]}


class GestureTrainer:
    def __init__(self, model, train, val):
        self.model, self.val = model, val
        self.loader = DataLoader(train, batch_size=32, shuffle=True)
        self.opt = torch.optim.Adam(model.parameters(), lr=1e-3)
        self.loss = nn.CrossEntropyLoss()

    def fit(self, epochs):
        for epoch in range(epochs):
            self.model.train()
            for batch in self.loader:
                loss = self.loss(self.model(batch["markers"]), batch["key"])
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
            print(f"epoch {epoch}: loss {loss.item():.4f}, val {self.score():.3f}")

    @torch.no_grad()
    def score(self):
        self.model.eval()
        return (self.model(self.val.markers).argmax(1) == self.val.keys).float().mean().item()


poses = torch.randn(N_CLASSES, 2, N_MARKERS)
net = nn.Sequential(nn.Linear(N_MARKERS, 48), nn.ReLU(), nn.Linear(48, N_CLASSES))
trainer = GestureTrainer(net, MarkerLog(poses, 1600), MarkerLog(poses, 400))
trainer.fit(8)
print(f"final_metric={trainer.score():.4f}")
