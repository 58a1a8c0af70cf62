# -*- coding: utf-8 -*-
# Débruitage de signaux : encodeur et décodeur ont chacun leur optimiseur.
import os
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
LONG = 40


def signaux(n):
    t = torch.linspace(0, 1, LONG)
    f = torch.rand(n, 1) * 4 + 1
    phi = torch.rand(n, 1) * 6.28
    propre = torch.sin(6.28 * f * t + phi)
    bruit = propre + 0.4 * torch.randn(n, LONG)
    return bruit, propre


encodeur = nn.Sequential(nn.Linear(LONG, 64), nn.ReLU(), nn.Linear(64, 16))
decodeur = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, LONG))
opt_enc = torch.optim.Adam(encodeur.parameters(), lr=5e-3)
opt_dec = torch.optim.Adam(decodeur.parameters(), lr=5e-3)
x, y = signaux(3000)
xv, yv = signaux(500)
for it in range(1200):
    k = torch.randint(0, 3000, (64,))
    opt_enc.zero_grad()
    opt_dec.zero_grad()
    sortie = decodeur(encodeur(x[k]))
    perte = nn.functional.mse_loss(sortie, y[k])
    perte.backward()
    opt_enc.step()
    opt_dec.step()
    if it % 200 == 0:
        print("itération", it, "perte", round(perte.item(), 4))
with torch.no_grad():
    mse = nn.functional.mse_loss(decodeur(encodeur(xv)), yv)
    score = (1 - mse / yv.var()).item()
print("final_metric=%.4f" % (score if score == score and score > -10 else -10.0))
