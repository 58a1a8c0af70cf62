"""Remedies on the layers of a model: which layers are hidden, norms and other things hung on a layer.

Hooks are functions or plain objects of this importable module, so that `torch.save(model)` and `deepcopy(model)` go on working; a copied
model carries its treatment along. What must wait for the first batch is looked up by a number in `_WAITING`, so that no copy drags a
Training along.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from unstuck.attach.surgery import CannotApply
from unstuck.training import Training

LAYERS = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
NORMS = (nn.modules.batchnorm._BatchNorm, nn.LayerNorm, nn.GroupNorm, nn.modules.instancenorm._InstanceNorm, nn.RMSNorm)
DROPOUTS = (nn.modules.dropout._DropoutNd,)

ForwardCall = Callable[[nn.Module, tuple[Any, ...], dict[str, Any]], None]
_WAITING: dict[int, ForwardCall] = {}
_numbers = itertools.count()


def names_in_facts(training: Training) -> dict[str, nn.Module]:
    """Every module by the name that the places of the watched run carry.

    Where that run had several models and this training holds one of them, the model's own name goes in front.
    """
    if training.facts is None or len(training.facts.models) <= len(training.models):
        return training.modules()
    table: dict[str, nn.Module] = {}
    for model, own in zip(training.models, training.names, strict=True):
        table |= {(f"{own}.{dotted}" if dotted else own): module for dotted, module in model.named_modules()}
    return table


def roles_in_facts(training: Training) -> dict[str, str]:
    """Role of every place by its name. Of several calls of one module ("relu", "relu#2") output and gate win, then hidden."""
    weight = {"output": 3, "gate": 3, "norm": 2, "hidden": 2, "other": 1}
    roles: dict[str, str] = {}
    for place in training.facts.places if training.facts is not None else ():
        name = place.name.partition("#")[0]
        if weight[place.role] > weight.get(roles.get(name, ""), 0):
            roles[name] = place.role
    return roles


def layers(training: Training) -> dict[str, nn.Module]:
    """Linear and convolution layers that are called as such, by name, in order of registration."""
    table = names_in_facts(training)
    # A multi-head attention reads the weights of its projection; nobody calls the projection itself.
    inside = {id(m) for a in table.values() if isinstance(a, nn.MultiheadAttention) for m in a.modules()}
    return {name: m for name, m in table.items() if isinstance(m, LAYERS) and id(m) not in inside}


def hidden_layers(training: Training) -> dict[str, nn.Module]:
    """Those of `layers` with other weights between them and the loss; CannotApply where there are none."""
    every = layers(training)
    roles = roles_in_facts(training)
    if any(roles.get(name) in ("hidden", "output", "gate") for name in every):
        found = {name: m for name, m in every.items() if roles.get(name) in ("hidden", "gate")}
        if len(found) == len(every) and training.facts is not None and len(training.facts.models) > 1:
            found.popitem()  # of a generator, whose answers another model is given: the last one makes them
    else:  # not watched: the last registered layer is taken for the output
        found = dict(list(every.items())[:-1])
    if not found:
        raise CannotApply("The model has no hidden linear or convolution layer.")
    return found


def output_layers(training: Training) -> list[nn.Linear]:
    """Linear layers with no other weights between them and the loss; CannotApply where there are none."""
    every = layers(training)
    roles = roles_in_facts(training)
    known = any(roles.get(name) in ("hidden", "output", "gate") for name in every)
    found = [m for name, m in every.items() if roles.get(name) == "output"] if known else list(every.values())[-1:]
    linear = [m for m in found if isinstance(m, nn.Linear) and not is_unfinished(m)]
    if not linear:
        raise CannotApply("The model has no linear output layer.")
    return linear


def is_unfinished(layer: nn.Module) -> bool:
    """A lazy layer that has not seen its first batch."""
    return any(nn.parameter.is_lazy(p) for p in layer.parameters(recurse=False))


def features_of(layer: nn.Module) -> int:
    """Output features or channels of a layer."""
    return int(layer.out_features if isinstance(layer, nn.Linear) else layer.out_channels)  # type: ignore[arg-type]


@contextmanager
def undisturbed(root: nn.Module) -> Iterator[None]:
    """Random streams and buffers are afterwards as they were before (around a forward pass of ours)."""
    states = (random.getstate(), np.random.get_state())
    buffers = [(b, b.clone()) for b in root.buffers()]
    cuda = torch.cuda.is_initialized()
    with torch.random.fork_rng(devices=range(torch.cuda.device_count()) if cuda else ()):
        try:
            yield
        finally:
            with torch.no_grad():
                for buffer, value in buffers:
                    buffer.copy_(value)
            random.setstate(states[0])
            np.random.set_state(states[1])


def refuse_checkpoint(graded: bool) -> None:
    """Raise CannotApply inside a checkpointed segment: its forward is run again in the backward pass, where a change that is tied to the
    model's own forward (or to a draw of ours) would not be made again. `graded`: gradients were recorded when the forward began.
    """
    packed = torch._C._autograd._top_saved_tensors_default_hooks(True) is not None
    if packed or (graded and not torch.is_grad_enabled()):
        raise CannotApply("An activation is called inside a checkpointed segment, whose second run could not be treated alike.")


class OnceBeforeForward:
    """Forward pre-hook: what waits under a number is called at the first forward pass in training mode, once."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __call__(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if module.training and torch.is_grad_enabled():
            call = _WAITING.pop(self.number, None)
            if call is not None:
                call(module, args, kwargs)


def before_first_forward(training: Training, root: nn.Module, call: ForwardCall) -> None:
    """Call `call(root, args, kwargs)` when the first training batch is about to enter `root`."""
    number = next(_numbers)
    _WAITING[number] = call
    handle = root.register_forward_pre_hook(OnceBeforeForward(number), with_kwargs=True)
    training.on_undo(handle.remove)
    training.on_undo(lambda: _WAITING.pop(number, None) and None)


def rows_norm(layer: nn.Module, args: tuple[Any, ...], output: Any) -> Any:
    """Forward hook: a layer's output goes through the norm that hangs on it."""
    norm = layer._modules["_unstuck_norm"]
    if not isinstance(output, torch.Tensor) or norm is None:
        return output
    norm.__dict__["passed"] = True
    flat = isinstance(layer, nn.Linear) and output.dim() > 2 and not isinstance(norm, nn.LayerNorm)
    values = output.flatten(0, -2) if flat else output
    unbatched = values.dim() == 1 or (isinstance(norm, nn.BatchNorm2d) and values.dim() == 3)
    values = values.unsqueeze(0) if unbatched else values
    single = isinstance(norm, nn.modules.batchnorm._BatchNorm) and norm.training and values.numel() == values.shape[1]
    if single:  # the last batch of an epoch may hold one sample, which has no variance
        norm.eval()
    result = norm(values)
    if single:
        norm.train()
    return result.reshape(output.shape)


@dataclass
class Hung:
    """What was hung on layers, and how to tell that it is still there."""

    layers: list[nn.Module]
    child: str

    def in_force(self) -> bool:
        """Every layer still has its child, and batches passed it."""
        children = [layer._modules.get(self.child) for layer in self.layers]
        return bool(children) and all(c is not None for c in children) and any(c.__dict__.get("passed") for c in children if c is not None)


def followed_by_norm(training: Training) -> set[int]:
    """Ids of layers whose output goes straight into a norm: the next place in the data flow, or the next registered module."""
    table = names_in_facts(training)
    order = [m for m in table.values() if not m._modules]
    if training.facts is not None and training.facts.places:
        seen = [table[p.name] for p in sorted(training.facts.places, key=lambda p: p.order) if p.order >= 0 and p.name in table]
        order = [m for m in seen if not m._modules] or order
    return {id(layer) for layer, following in itertools.pairwise(order) if isinstance(following, NORMS)}


def add_norms(training: Training, make: Callable[[nn.Module, int], nn.Module]) -> Hung:
    """Hang a norm on every hidden layer that has none behind it, and hand its parameters to the optimizer."""
    normed = followed_by_norm(training)
    targets = [m for m in hidden_layers(training).values() if id(m) not in normed and not is_unfinished(m)]
    if not targets:
        raise CannotApply("Every hidden layer is normalised already.")
    return hang(training, targets, "_unstuck_norm", make)


def hang(training: Training, targets: list[nn.Module], child: str, make: Callable[[nn.Module, int], nn.Module]) -> Hung:
    """Make a module for each layer, as its child of that name, through which the layer's output goes from now on."""
    for layer in targets:
        weight = layer.weight
        assert isinstance(weight, torch.Tensor)
        new = make(layer, features_of(layer)).to(weight.device, weight.dtype).train(layer.training)
        layer.add_module(child, new)
        training.on_undo(layer.register_forward_hook(rows_norm if child == "_unstuck_norm" else through_activation).remove)
        training.add_parameters(new.parameters())
    return Hung(targets, child)


def through_activation(layer: nn.Module, args: tuple[Any, ...], output: Any) -> Any:
    """Forward hook: a layer's output goes through the activation that hangs on it."""
    activation = layer._modules["_unstuck_activation"]
    if not isinstance(output, torch.Tensor) or activation is None:
        return output
    activation.__dict__["passed"] = True
    return activation(output)


def hang_beside(training: Training, targets: list[nn.Linear], make: Callable[[nn.Linear, int], nn.Module]) -> Hung:
    """Make a module for each layer, as its child, whose answer to the layer's input is added to the layer's output from now on."""
    for layer in targets:
        with drawn_apart(training):
            new = make(layer, layer.out_features)
        new = new.to(layer.weight.device, layer.weight.dtype).train(layer.training)
        layer.add_module("_unstuck_beside", new)
        training.on_undo(layer.register_forward_hook(with_beside).remove)
        training.add_parameters(new.parameters())
    return Hung([*targets], "_unstuck_beside")


@contextmanager
def drawn_apart(training: Training) -> Iterator[None]:
    """New weights are drawn from a stream of ours; the script's own is afterwards where it was."""
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(int(training.generator().initial_seed()))
        yield


def with_beside(layer: nn.Module, args: tuple[Any, ...], output: Any) -> Any:
    """Forward hook: what hangs beside a layer answers the same input."""
    beside = layer._modules["_unstuck_beside"]
    if not isinstance(output, torch.Tensor) or beside is None or not args:
        return output
    beside.__dict__["passed"] = True
    return output + beside(args[0])


def stretched(kind: type[nn.Module]) -> Mapping[type[nn.Module], type[nn.Module]]:
    """Batch or instance norm by layer kind."""
    dims = {nn.Linear: 1, nn.Conv1d: 1, nn.ConvTranspose1d: 1, nn.Conv2d: 2, nn.ConvTranspose2d: 2, nn.Conv3d: 3, nn.ConvTranspose3d: 3}
    return {layer: getattr(nn, f"{kind.__name__.rstrip('123d')}{d}d") for layer, d in dims.items()}
