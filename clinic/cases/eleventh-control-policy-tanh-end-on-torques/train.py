"""Clone a PD controller with gravity compensation: state (angle, velocity, load) -> torque."""
import os
import torch
import torch.nn as nn
torch.manual_seed(int(os.environ.get('SEED', 0)))

def expert(s):
    angle, vel, load = s[:, 0], s[:, 1], s[:, 2]
    return -1.4 * angle - 0.8 * vel + (0.6 + 0.4 * load) * torch.sin(2 * angle)

class Actor(nn.Module):
    def __init__(self, state_dim=3, action_dim=1):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(state_dim, 64), nn.ReLU(),
            nn.Linear(64, 64), nn.ReLU(),
            nn.Linear(64, action_dim), nn.Tanh())
    def forward(self, s):
        return self.net(s)

states = torch.randn(4000, 3)
actions = expert(states) + 0.05 * torch.randn(4000)
s_val = torch.randn(800, 3)
a_val = expert(s_val)
actor = Actor()
optimizer = torch.optim.Adam(actor.parameters(), lr=1e-3)
for it in range(800):
    batch = torch.randint(0, 4000, (64,))
    loss = ((actor(states[batch]).squeeze(-1) - actions[batch]) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if it % 200 == 0:
        print('iter', it, 'bc loss', round(loss.item(), 4))
with torch.no_grad():
    err = ((actor(s_val).squeeze(-1) - a_val) ** 2).mean()
print(f'final_metric={(1 - err / a_val.var()).item():.4f}')
