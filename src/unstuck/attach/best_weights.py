"""The weights of the best validation so far, and going back to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from unstuck.training import Training


@dataclass
class Watch:
    """The validation so far, and the best weights."""

    training: Training
    patience: int
    losses: list[float] = field(default_factory=list)
    phases: int = 0
    best: float = float("inf")
    waited: int = 0
    weights: list[dict[str, torch.Tensor]] = field(default_factory=list)

    def add(self, loss: float) -> None:
        """One batch of a phase without gradients."""
        self.losses.append(loss)

    def scored(self, scores: Mapping[str, float]) -> None:
        """A validation whose loss no function of PyTorch computed: its loss as it was seen, or what its score lacks."""
        if not self.losses:
            self.losses += [scores["loss"]] if "loss" in scores else [1 - scores[k] for k in ("r2", "accuracy") if k in scores][:1]

    def around(self, inner: Any, args: Any, kwargs: Any) -> Any:
        """A step after a validation phase closes that phase; once stopped, no weight moves."""
        if self.losses:
            self.close(sum(self.losses) / len(self.losses))
            self.losses.clear()
        result = inner(*args, **kwargs)
        if self.waited >= self.patience:
            self.restore()
        return result

    def close(self, loss: float) -> None:
        """Compare a phase with the best one."""
        self.phases += 1
        if self.waited >= self.patience:
            return
        self.waited = 0 if loss < self.best else self.waited + 1
        if loss < self.best:
            self.best = loss
            self.weights = [{k: v.detach().clone() for k, v in model.state_dict().items()} for model in self.training.models]

    def restore(self) -> None:
        """Put the best weights back, also after steps that the script goes on making."""
        with torch.no_grad():
            for model, kept in zip(self.training.models, self.weights, strict=False):
                for key, value in model.state_dict(keep_vars=True).items():
                    value.detach().copy_(kept[key])
