"""Wider or narrower hidden layers, where the model's graph shows who reads a layer's output.

The forward pass is traced symbolically (`torch.fx`: no numbers, no batch). A layer may change its width where its output goes
through element-wise functions, dropout and norms into other layers of its kind only. Parameters change their shape in place, so that an
optimizer, a parameter list and a tied name still hold the same objects.
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import fx, nn

from unstuck.attach.activation_swap import is_activation
from unstuck.attach.call_sites import functional_activations
from unstuck.attach.layer_hooks import DROPOUTS, features_of, is_unfinished
from unstuck.attach.surgery import CannotApply
from unstuck.training import Training

_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
_POOLS = tuple(getattr(nn, f"{kind}Pool{d}d") for kind in ("Max", "Avg", "AdaptiveMax", "AdaptiveAvg") for d in (1, 2, 3))
_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.LayerNorm)
_PASSED = (nn.Identity, *DROPOUTS, *_NORMS, *_POOLS)


@dataclass
class Joint:
    """A hidden width: the layer that makes it, the norms that it passes, the layers that read it."""

    maker: nn.Module
    norms: list[nn.Module]
    readers: list[nn.Module]


def family(module: nn.Module) -> type[nn.Module] | None:
    """Linear, the convolution's class (ungrouped ones only), or None."""
    if isinstance(module, nn.Linear):
        return nn.Linear
    plain = isinstance(module, _CONVOLUTIONS) and module.groups == 1
    return type(module) if plain else None


def joints(root: nn.Module) -> list[Joint]:
    """Every hidden width of a model that can be changed by itself."""
    try:
        graph = fx.Tracer().trace(root)
    except Exception as error:
        what = f"The model's forward pass cannot be traced ({type(error).__name__})"
        raise CannotApply(f"{what}, so nobody knows who reads which layer.") from error
    modules = dict(root.named_modules())
    calls = [n for n in graph.nodes if n.op == "call_module"]
    found = []
    for node in calls:
        layer = modules[node.target]
        once = sum(n.target == node.target for n in calls) == 1
        if family(layer) is not None and once:
            joint = Joint(layer, [], [])
            if all([_follow(user, modules, joint) for user in node.users]) and joint.readers:
                found.append(joint)
    shared = [id(r) for j in found for r in j.readers]
    return [j for j in found if all(shared.count(id(r)) == 1 for r in j.readers)]


def _follow(node: fx.Node, modules: dict[str, nn.Module], joint: Joint) -> bool:
    """Walk from a layer's output to the next layers of its kind; False where anything else reads it."""
    if node.op == "call_module":
        module = modules[str(node.target)]
        if family(module) is not None:
            joint.readers.append(module)
            return family(module) is family(joint.maker)
        if isinstance(module, _NORMS):
            joint.norms.append(module)
        if not is_activation(module) and not isinstance(module, _PASSED):
            return False
    elif not _elementwise(node):
        return False
    return all([_follow(user, modules, joint) for user in node.users])


def _elementwise(node: fx.Node) -> bool:
    if node.op == "call_method":
        return getattr(torch.Tensor, str(node.target), None) in functional_activations()
    if node.op != "call_function" or len(node.all_input_nodes) != 1:
        return False
    return node.target in functional_activations() or node.target in (F.dropout, F.max_pool2d, F.avg_pool2d, operator.mul, torch.mul)


def change_widths(training: Training, factor: float, least: int = 2) -> list[tuple[nn.Module, int]]:
    """Multiply every changeable hidden width, to at least so many; returns the layers with their new widths. CannotApply where there is none."""
    done = []
    generator = training.generator()
    for root in training.models:
        for joint in joints(root):
            old = features_of(joint.maker)
            new = max(least, round(old * factor))
            if new != old and not any(is_unfinished(m) for m in (joint.maker, *joint.readers)):
                _resize(joint.maker, 0, new, generator)
                for reader in joint.readers:
                    _resize(reader, 1, new, generator)
                for norm in joint.norms:
                    _resize_norm(norm, new)
                done.append((joint.maker, new))
    if not done:
        raise CannotApply("No hidden layer's width can be changed by itself.")
    return done


def _resize(layer: nn.Module, dimension: int, size: int, generator: torch.Generator) -> None:
    """New rows or columns get torch's own starting values for the new fan-in; a wider input is scaled so that sums keep their size."""
    weight, bias = layer.weight, layer.bias
    assert isinstance(weight, torch.Tensor)
    shape = list(weight.shape)
    old, shape[dimension] = shape[dimension], size
    bound = math.prod(shape[1:]) ** -0.5
    fresh = (torch.rand(shape, generator=generator) * 2 - 1) * bound
    with torch.no_grad():
        kept = weight.detach().to("cpu", torch.float32) * ((old / size) ** 0.5 if dimension == 1 else 1.0)
        rows, columns = min(shape[0], kept.shape[0]), min(shape[1], kept.shape[1])
        fresh[:rows, :columns] = kept[:rows, :columns]
        weight.data = fresh.to(weight.device, weight.dtype)
        if dimension == 0 and isinstance(bias, torch.Tensor):
            bias.data = _resized(bias.data, size, 0.0)
    unit = "features" if isinstance(layer, nn.Linear) else "channels"
    setattr(layer, f"{'out' if dimension == 0 else 'in'}_{unit}", size)


def _resized(values: torch.Tensor, size: int, fill: float) -> torch.Tensor:
    new = torch.full((size,), fill, dtype=values.dtype, device=values.device)
    new[: min(size, len(values))] = values[:size]
    return new


def _resize_norm(norm: nn.Module, size: int) -> None:
    for name, fill in (("weight", 1.0), ("bias", 0.0), ("running_mean", 0.0), ("running_var", 1.0)):
        values: Any = getattr(norm, name, None)
        if values is not None:
            values.data = _resized(values.data, size, fill)
    if isinstance(norm, nn.LayerNorm):
        norm.normalized_shape = (size,)
    elif isinstance(norm, nn.modules.batchnorm._BatchNorm):
        norm.num_features = size
