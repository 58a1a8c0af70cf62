"""New starting weights for the layers of a model, and whether training really began from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from unstuck.attach.layer_hooks import before_first_forward, is_unfinished, layers, names_in_facts
from unstuck.attach.surgery import CannotApply
from unstuck.training import Training


@dataclass
class Start:
    """The weights from which training must begin, as sums, to be compared when the first batch comes."""

    weights: list[tuple[torch.Tensor, float]] = field(default_factory=list)
    kept: bool | None = None

    def add(self, weight: torch.Tensor) -> None:
        """Remember a weight as it is now."""
        self.weights.append((weight, float(weight.detach().double().sum())))

    def check(self, root: nn.Module, *_: object) -> None:
        """Are this root's weights still what was written? (A checkpoint may have been loaded over them.)"""
        mine = {id(p) for p in root.parameters()}
        same = all(float(w.detach().double().sum()) == total for w, total in self.weights if id(w) in mine)
        self.kept = same and self.kept is not False

    def in_force(self) -> bool | None:
        """False where something else was loaded before training began; None before that."""
        return self.kept


def untied_weights(training: Training) -> set[int]:
    """Ids of the parameters that one module alone holds; a tied weight belongs to an embedding as well and is left as it is."""
    owners: dict[int, int] = {}
    for root in training.models:
        for module in root.modules():
            for parameter in module._parameters.values():
                owners[id(parameter)] = owners.get(id(parameter), 0) + 1
    return {key for key, count in owners.items() if count == 1}


def reinitialise(
    training: Training,
    fill: Callable[[torch.Tensor, torch.Generator], None],
    recurrent: Callable[[torch.Tensor, torch.Generator], bool],
) -> Start:
    """New weights for every layer, biases 0, and for matrices of the user's own modules whose units are all alike; remembers them in the
    returned Start.
    """
    untied, generator, start = untied_weights(training), training.generator(), Start()
    with torch.no_grad():
        for layer in layers(training).values():
            weight, bias = layer.weight, layer.bias
            if not isinstance(weight, torch.Tensor) or is_unfinished(layer) or id(weight) not in untied:
                continue
            _fill_on_cpu(weight, lambda w: fill(w, generator))
            if isinstance(bias, torch.Tensor):
                bias.zero_()
            start.add(weight)
        for module in names_in_facts(training).values():
            if isinstance(module, (nn.RNNBase, nn.RNNCellBase)):
                _reinitialise_recurrent(module, lambda w: recurrent(w, generator), start)
        for matrix in alike(training, untied):
            # Such a matrix is mostly multiplied from the right, x @ W: its inputs are the rows.
            _fill_on_cpu(matrix.t(), lambda w: fill(w, generator))
            start.add(matrix)
    return _begun(training, start, "The model has no linear or convolution weight of its own that could be initialised again.")


def replaced(training: Training, new: Callable[[nn.Module, str, torch.Tensor], torch.Tensor | None], nothing: str) -> Start:
    """Other starting weights wherever `new`, given a module and a parameter of it with its name, has some: of the same shape, on any device.

    Tied weights are left as they are. Raises CannotApply with the words `nothing` where there is none.
    """
    start, untied = Start(), untied_weights(training)
    for module in {id(m): m for root in training.models for m in root.modules()}.values():
        for name, weight in module._parameters.items():
            values = new(module, name, weight) if weight is not None and id(weight) in untied else None
            if weight is not None and values is not None:
                with torch.no_grad():
                    weight.copy_(values)
                start.add(weight)
    return _begun(training, start, nothing)


def _begun(training: Training, start: Start, nothing: str) -> Start:
    """Whether training begins from these weights is looked at when the first batch comes."""
    if not start.weights:
        raise CannotApply(nothing)
    for root in training.models:
        before_first_forward(training, root, start.check)
    return start


def units_alike(weight: torch.Tensor) -> bool:
    """Of a weight [rows, columns, ...] all rows, or all columns, are the same."""
    return bool((weight == weight[:1]).all()) or bool((weight == weight[:, :1]).all())


def alike(training: Training, untied: set[int]) -> list[torch.Tensor]:
    """Weight matrices that the user's own modules hold as parameters and whose rows, or columns, are all the same: such units stay alike."""
    found: list[torch.Tensor] = []
    for root in training.models:
        for module in root.modules():
            own = not type(module).__module__.startswith("torch.")
            for weight in module._parameters.values() if own else ():
                if (
                    weight is None
                    or nn.parameter.is_lazy(weight)
                    or weight.dim() != 2
                    or min(weight.shape) == 0
                    or id(weight) not in untied
                ):
                    continue
                if weight.is_floating_point() and max(weight.shape) > 1 and units_alike(weight) and not any(weight is w for w in found):
                    found.append(weight)
    return found


def _reinitialise_recurrent(module: nn.Module, fill: Callable[[torch.Tensor], bool], start: Start) -> None:
    """Every gate by itself: a stacked [4 H, H] weight is four matrices."""
    for name, weight in module.named_parameters(recurse=False):
        if not name.startswith("weight") or name.startswith("weight_hr"):
            continue
        gates = {"LSTM": 4, "LSTMCell": 4, "GRU": 3, "GRUCell": 3}.get(type(module).__name__, 1)
        if all([_fill_on_cpu(part, fill) for part in weight.chunk(gates)]):
            start.add(weight)


def _fill_on_cpu(weight: torch.Tensor, fill: Callable[[torch.Tensor], Any]) -> Any:
    """Our generator lives on the CPU and draws in single precision, whatever the weight's device is."""
    values = weight.detach().to("cpu", torch.float32).clone()
    answer = fill(values)
    weight.copy_(values)
    return answer
