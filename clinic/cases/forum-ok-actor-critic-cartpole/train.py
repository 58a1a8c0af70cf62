import os
import math
import numpy as np
from collections import namedtuple
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.distributions import Categorical

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed); rng = np.random.RandomState(seed)
gamma = 0.97
eps = np.finfo(np.float32).eps.item()

class CartPole:
    def reset(self):
        self.s, self.t = rng.uniform(-0.05, 0.05, 4), 0
        return self.s
    def step(self, a):
        x, v, th, w = self.s
        f = 10. if a else -10.
        c, s = math.cos(th), math.sin(th)
        tmp = (f + 0.05 * w * w * s) / 1.1
        acc = (9.8 * s - c * tmp) / (0.5 * (4 / 3 - 0.1 * c * c / 1.1))
        xa = tmp - 0.05 * acc * c / 1.1
        self.s = np.array([x + .02 * v, v + .02 * xa, th + .02 * w, w + .02 * acc]); self.t += 1
        return self.s, 1.0, abs(self.s[0]) > 2.4 or abs(self.s[2]) > 0.21 or self.t >= 200

SavedAction = namedtuple('SavedAction', ['log_prob', 'value'])

class Policy(nn.Module):
    def __init__(self):
        super(Policy, self).__init__()
        self.affine1 = nn.Linear(4, 64)
        self.action_head = nn.Linear(64, 2)
        self.value_head = nn.Linear(64, 1)
        self.saved_actions, self.rewards = [], []
    def forward(self, x):
        x = F.relu(self.affine1(x))
        return F.softmax(self.action_head(x), dim=-1), self.value_head(x)

env, model = CartPole(), Policy()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)

def select_action(state):
    probs, state_value = model(torch.from_numpy(state).float())
    m = Categorical(probs)
    action = m.sample()
    model.saved_actions.append(SavedAction(m.log_prob(action), state_value))
    return action.item()

def finish_episode():
    R, returns, policy_losses, value_losses = 0, [], [], []
    for r in model.rewards[::-1]:
        R = r + gamma * R
        returns.insert(0, R)
    returns = torch.tensor(returns)
    returns = (returns - returns.mean()) / (returns.std() + eps)
    for (log_prob, value), R in zip(model.saved_actions, returns):
        advantage = R - value.item()
        policy_losses.append(-log_prob * advantage)
        value_losses.append(F.smooth_l1_loss(value, torch.tensor([R])))
    optimizer.zero_grad()
    loss = torch.stack(policy_losses).sum() + torch.stack(value_losses).sum()
    loss.backward()
    optimizer.step()
    del model.rewards[:]
    del model.saved_actions[:]

running_reward, history = 10, []
for i_episode in range(160):
    state, ep_reward, done = env.reset(), 0, False
    while not done:
        state, reward, done = env.step(select_action(state))
        model.rewards.append(reward)
        ep_reward += reward
    running_reward = 0.05 * ep_reward + 0.95 * running_reward
    history.append(ep_reward)
    finish_episode()
    if i_episode % 20 == 0:
        print('Episode {} Last reward: {:.2f} Average reward: {:.2f}'.format(i_episode, ep_reward, running_reward))
    if running_reward > 120:
        break
print('final_metric=%.4f' % np.mean(history[-20:]))
