"""Inputs of a validation brought to the distribution of the training inputs, feature by feature: what they would be if both had been prepared alike.

Whatever a preparation does to single features (other units, a scaler or a logarithm that was forgotten), it keeps their order. So a value is
replaced by the training value of the same rank (quantile mapping). That a feature means something else, or stands in another column, stays.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import nn

from unstuck.attach.door_hooks import change_input, feature_dimension, refuse_other_than_rows, trains
from unstuck.attach.surgery import Tally
from unstuck.training import Training

#: Fewest rows of a validation batch that tell a distribution, and most values of a feature that it is told from. Our choice.
ROWS, VALUES = 30, 4096


@dataclass
class Aligner:
    """Remembers the inputs of training passes, and maps those of passes without gradients onto them."""

    dimension: int
    failures: list[str]
    tally: Tally = field(default_factory=Tally)
    #: Rows of the training inputs [N, F], at most `VALUES`.
    known: list[torch.Tensor] = field(default_factory=list)
    rows: int = 0

    def __call__(self, root: nn.Module, x: torch.Tensor) -> torch.Tensor:
        refuse_other_than_rows(x, self.failures)
        if trains(root) or torch.is_grad_enabled():
            if self.rows < VALUES and not x.requires_grad:
                self.known.append(self.table(x)[: VALUES - self.rows].cpu())
                self.rows += len(self.known[-1])
            return x
        if len(x) < ROWS or self.rows < ROWS or (table := self.table(x)).shape[1] != self.known[0].shape[1]:
            return x
        self.tally.seen += 1
        training = torch.cat(self.known)
        columns = [mapped(column, training[:, i]) for i, column in enumerate(table.T.cpu())]
        new = torch.stack(columns, 1).to(x.device, x.dtype)
        moved = x.movedim(self.dimension, -1)
        result = new.reshape(moved.shape).movedim(-1, self.dimension)
        self.tally.changed += not torch.equal(result, x)
        return result

    def table(self, x: torch.Tensor) -> torch.Tensor:
        """Values by feature [N, F]; NaN and infinite ones count as 0."""
        rows = x.detach().float().movedim(self.dimension, -1).reshape(-1, x.shape[self.dimension])
        return torch.nan_to_num(rows, nan=0.0, posinf=0.0, neginf=0.0)


def mapped(values: torch.Tensor, onto: torch.Tensor) -> torch.Tensor:
    """Values [N] of one feature, each replaced by the value of `onto` [M] of the same rank; equal values stay equal."""
    values, onto = values.contiguous(), onto.contiguous()
    sample = values[:: max(1, len(values) // VALUES)].sort().values
    low, high = torch.searchsorted(sample, values), torch.searchsorted(sample, values, right=True)
    at = ((low + high).double() / (2 * len(sample)) * len(onto) - 0.5).clamp(0, len(onto) - 1)
    ordered = onto.sort().values
    below = at.floor().long()
    above = (below + 1).clamp_max(len(onto) - 1)
    share = (at - below).to(ordered.dtype)
    return ordered[below] * (1 - share) + ordered[above] * share


def align(training: Training) -> list[Aligner]:
    """At every model's door."""
    made = []
    for root in training.models:
        made.append(Aligner(feature_dimension(root), training.failures))
        change_input(training, root, made[-1])
    return made
