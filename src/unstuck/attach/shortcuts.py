"""Shortcuts: a layer's input added to its output, a block's input led past it, and what a recurrent layer said before, led past the steps between.

Hooks are functions or plain objects of this importable module, as those of `layer_hooks.py` are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from unstuck.attach.layer_hooks import LAYERS, features_of, hidden_layers
from unstuck.attach.surgery import LEAST_BLOCKS
from unstuck.training import Training


def add_input(layer: nn.Module, args: tuple[Any, ...], output: Any) -> Any:
    """Forward hook: the input is added to the output where their shapes agree."""
    same = bool(args) and isinstance(output, torch.Tensor) and isinstance(args[0], torch.Tensor) and args[0].shape == output.shape
    if not same:
        return output
    layer.__dict__["_unstuck_skipped"] = True
    return output + args[0]


def add_skips(training: Training) -> list[nn.Module]:
    """Give hidden layers of equal width a skip path; returns them."""
    done = []
    for layer in hidden_layers(training).values():
        width = layer.in_features if isinstance(layer, nn.Linear) else layer.in_channels
        if width == features_of(layer) and set(getattr(layer, "stride", (1,))) == {1}:
            training.on_undo(layer.register_forward_hook(add_input).remove)
            done.append(layer)
    return done


def skips_in_force(hooked: list[nn.Module]) -> bool:
    """The hooks are on the layers, and were of use."""
    there = all(add_input in layer._forward_hooks.values() for layer in hooked)
    return bool(hooked) and there and any(layer.__dict__.get("_unstuck_skipped") for layer in hooked)


# -------------------------------------------------------------------------------------------------------------- blocks


@dataclass
class PastBlock:
    """Forward hook: x + scale * block(x), where both have one shape."""

    scale: float
    passed: int = 0

    def __call__(self, block: nn.Module, args: tuple[Any, ...], output: Any) -> Any:
        same = bool(args) and isinstance(output, torch.Tensor) and isinstance(args[0], torch.Tensor) and args[0].shape == output.shape
        if not same or not output.is_floating_point():
            return output
        self.passed += 1
        return args[0] + self.scale * output


def repeated(module: nn.Module) -> Iterator[list[nn.Module]]:
    """Modules of one parent that are alike (class, names and shapes of their parameters) and hold layers: the outermost ones.

    A parent that only strings layers together (a Sequential of layers and activations) has the layers themselves for its blocks.
    """
    alike: dict[tuple[Any, ...], list[nn.Module]] = defaultdict(list)
    for child in module.children():
        shapes = tuple((name, tuple(p.shape)) for name, p in child.named_parameters())
        if any(isinstance(m, LAYERS) for m in child.modules()):
            alike[type(child), shapes].append(child)
    for group in alike.values():
        if len(group) >= LEAST_BLOCKS and keeps_width(group[0]):
            yield group
        else:
            for child in group:
                yield from repeated(child)


def keeps_width(block: nn.Module) -> bool:
    """A layer has as many outputs as inputs; of a block the first layer's inputs are the last one's outputs."""
    inner = [m for m in block.modules() if isinstance(m, LAYERS)]
    first, last = inner[0], inner[-1]
    return (first.in_features if isinstance(first, nn.Linear) else first.in_channels) == features_of(last)


def lead_past_blocks(training: Training) -> list[tuple[nn.Module, PastBlock]]:
    """Give repeated blocks a path around them, and their own answer a weight of 1 / sqrt(how many there are); returns them with their hooks."""
    done: list[tuple[nn.Module, PastBlock]] = []
    for root in training.models:
        for group in repeated(root):
            for block in group:
                hook = PastBlock(len(group) ** -0.5)
                training.on_undo(block.register_forward_hook(hook).remove)
                done.append((block, hook))
    return done


# ---------------------------------------------------------------------------------------------------------------- time


@dataclass
class PastSteps:
    """Forward hook of a recurrent layer: to every step's output is added the largest value that each unit has had so far.

    So the last step has a way to the first one that no step between can close; and no step learns of later ones.
    """

    passed: int = 0

    def __call__(self, layer: nn.RNNBase, args: tuple[Any, ...], output: Any) -> Any:
        if not isinstance(output, tuple) or not isinstance(output[0], torch.Tensor) or layer.bidirectional:
            return output  # packed sequences end at different steps; one that runs backwards would tell the future
        steps, state = output
        time = 1 if layer.batch_first and steps.dim() == 3 else 0
        greatest = steps.cummax(time).values
        self.passed += 1
        return steps + greatest, self.told(state, greatest.select(time, -1))

    @staticmethod
    def told(state: Any, greatest: torch.Tensor) -> Any:
        """The last layer's state says the same."""
        last = state[0] if isinstance(state, tuple) else state
        if last.shape[-1] != greatest.shape[-1]:
            return state
        last = torch.cat([last[:-1], (last[-1] + greatest)[None]])
        return (last, *state[1:]) if isinstance(state, tuple) else last


def lead_past_steps(training: Training) -> list[PastSteps]:
    """Give every recurrent layer a way past its steps; returns the hooks."""
    hooks = []
    for module in training.modules().values():
        if isinstance(module, nn.RNNBase):
            hooks.append(PastSteps())
            training.on_undo(module.register_forward_hook(hooks[-1]).remove)
    return hooks
