"""What an optimizer was given, in whichever form, as groups to which parameters can be added."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.optimizer import register_optimizer_step_pre_hook

from unstuck.training import Training


def materialised(params: Any) -> list[dict[str, Any]]:
    """What an optimizer was given (generator, list, named parameters, groups) as a list of groups, each with a list of parameters."""
    items = list(params)
    if items and isinstance(items[0], dict):
        for group in items:
            if isinstance(group.get("params"), torch.Tensor):
                group["params"] = [group["params"]]
            elif "params" in group:
                group["params"] = list(group["params"])
        return items
    return [{"params": items}]


def parameters_in(items: Sequence[Any]) -> list[torch.Tensor]:
    """Parameters of a group, named ones without their names."""
    return [item[1] if isinstance(item, tuple) else item for item in items]


def add_parameter(group: dict[str, Any], parameter: torch.nn.Parameter) -> None:
    """Append to a group, before or after the optimizer has taken it in; with a name where the others have one."""
    name = f"unstuck.{sum(1 for _ in group['params'])}"
    if group["params"] and isinstance(group["params"][0], tuple):
        group["params"].append((name, parameter))
        return
    group["params"].append(parameter)
    if "param_names" in group:
        group["param_names"].append(name)


def adopt_reached(training: Training, steps: int = 3) -> list[torch.nn.Parameter]:
    """Before the first steps of every optimizer, give it the parameters that have a gradient and are in no optimizer at all; and again where
    it has nothing to step on any more (another model came in the place of the one that it was built for).

    Returns what was adopted so far; the list grows. They lie in no module that is known (layers in a plain list, a head that came later), so
    the heap is searched.
    """
    adopted: list[torch.nn.Parameter] = []
    counts: dict[int, int] = {}
    #: Searches in vain where an optimizer had nothing to step on.
    vain: dict[int, int] = {}
    # What has a gradient by now belongs to something else that goes on in this process.
    others = {id(p): weakref.ref(p) for p in gc.get_objects() if type(p) is nn.Parameter and p.grad is not None}

    def before(optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        counts[id(optimizer)] = counts.get(id(optimizer), 0) + 1
        if counts[id(optimizer)] > steps:
            if vain.get(id(optimizer), 0) >= steps or any(p.grad is not None for group in optimizer.param_groups for p in group["params"]):
                return
            vain[id(optimizer)] = vain.get(id(optimizer), 0) + 1
        everything = gc.get_objects()
        optimizers = [o for o in everything if issubclass(type(o), Optimizer)]  # isinstance asks odd objects for their class
        held = {id(p) for o in optimizers for group in o.param_groups for p in group["params"]}
        for p in everything:
            foreign = id(p) in others and others[id(p)]() is p
            if type(p) is nn.Parameter and p.grad is not None and id(p) not in held and not foreign:
                # Where one of the same shape is not used any more, it came in its place.
                left = (g for g in optimizer.param_groups if any(q.grad is None and q.shape == p.shape for q in g["params"]))
                add_parameter(next(left, optimizer.param_groups[0]), p)
                adopted.append(p)
                vain[id(optimizer)] = 0

    training.on_undo(register_optimizer_step_pre_hook(before).remove)
    return adopted


def nearest_group(models: Sequence[nn.Module], parameter: torch.nn.Parameter, groups: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The group that trains the module to which a new parameter belongs, or the nearest module around it."""
    holders = {id(p): group for group in groups for p in parameters_in(group["params"])}
    for model in models:
        path = next((name for name, p in model.named_parameters() if p is parameter), "")
        while path:
            path = path.rpartition(".")[0]
            for sibling in model.get_submodule(path).parameters():
                if id(sibling) in holders:
                    return holders[id(sibling)]
    return groups[0]
