"""Trainings with `torch.func.grad` and `torch.func.grad_and_value`.

A script that trains with these gives them its parameters and puts its steps into new ones. Both are seen at the call: the parameters as
they go in, the gradients as they come out, and at the next call what was made of them. What runs inside are wrapped tensors of the
transform, and every operation on them is one of the transform's: so what is called there is only noted, as the values behind the wrappers
(`plain`), and looked at when the transform is over. The graph is not looked at, and under `vmap` nothing at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import nn
from torch._C import _functorch
from torch.utils import _pytree

from unstuck.attach.observer import Observer
from unstuck.records import Place

#: A call of ours, and what it is to be told.
Noted = tuple[Callable[..., None], tuple[Any, ...]]
#: Calls inside one transform that are looked at.
NOTES = 2_000
#: Calls at which a model is looked for that has parameters of these names.
LOOKS = 3


def active() -> bool:
    """Some transform of `torch.func` is running."""
    return _functorch.maybe_current_level() is not None


def plain(tensor: torch.Tensor) -> torch.Tensor | None:
    """The values behind the wrappers of `torch.func.grad`; None where `vmap` or another transform has made many of one. No operation is called."""
    for _ in range(8):
        if not _functorch.is_functorch_wrapped_tensor(tensor):
            return tensor
        if not _functorch.is_gradtrackingtensor(tensor):
            return None
        tensor = _functorch.get_unwrapped(tensor)
    return None


def bare(value: Any) -> Any:
    """What a module takes or gives with all wrapped tensors replaced by their values; those that have none are None."""
    return _pytree.tree_map_only(torch.Tensor, plain, value)


def named(value: Any) -> list[tuple[str, torch.Tensor]]:
    """The tensors in what was differentiated for (a tensor, a list, a dictionary, nested), each with its key."""
    found = []
    for path, leaf in _pytree.tree_flatten_with_path(value)[0]:
        if isinstance(leaf, torch.Tensor):
            found.append((".".join(str(getattr(key, "key", getattr(key, "idx", ""))) for key in path), leaf))
    return found


class Transforms:
    """Tells the observer of steps that are made with gradients of this kind."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        #: Inside a watched call of `torch.func.grad` and the like.
        self.inside = False
        self.used = False
        #: The model was called under `vmap`, where every number stands for many.
        self.hidden = False
        self._noted: list[Noted] = []
        self._looked = 0
        self._model: nn.Module | None = None
        self._places: list[Place] = []
        self._key: tuple[Any, ...] = ()

    def release(self) -> None:
        """Hold no model any more."""
        self._model = None

    def note(self, call: Callable[..., None], *args: Any) -> None:
        """Something was called inside: tell of it when the transform is over, unless it is one of too many."""
        if self._observer.sampling and len(self._noted) < NOTES:
            self._noted.append((call, bare(args)))

    def begin(self, parameters: list[tuple[str, torch.Tensor]]) -> None:
        """Gradients with respect to these parameters are about to be asked for."""
        key = tuple((name, tuple(t.shape)) for name, t in parameters)
        if key != self._key and not self._observer.ownership.optimizers:
            self._key = key
            self._places = self._name(parameters)
        self._observer.gradients_asked([t for _, t in parameters])

    def leave(self) -> list[Noted]:
        """The transform is over, or has failed; returns what was noted."""
        self.inside = False
        noted, self._noted = self._noted, []
        return noted

    def done(self, parameters: list[tuple[str, torch.Tensor]], noted: list[Noted], result: Any, has_aux: bool) -> None:
        """The gradients are there; `result` is what `torch._functorch.eager_transforms.grad_and_value_impl` returned."""
        self.used = True
        with torch.enable_grad():
            for call, args in noted:
                call(*args)
        value = result[1][0] if has_aux else result[1]
        gradients = [leaf for leaf in _pytree.tree_leaves(result[0]) if isinstance(leaf, torch.Tensor)]
        given = [(p.detach(), g.detach()) for (_, p), g in zip(parameters, gradients, strict=True)]
        self._observer.gradients_given(given, self._places, value.detach())

    def _name(self, parameters: list[tuple[str, torch.Tensor]]) -> list[Place]:
        """Places of the module whose parameters have these names and shapes, where there is one."""
        book = self._observer.book
        if self._model is None and self._looked < LOOKS and all(name for name, _ in parameters):
            self._looked += 1
            self._model = self._owner({name: tuple(t.shape) for name, t in parameters})
        own = dict(self._model.named_parameters()) if self._model is not None else {}
        if own and all(name in own for name, _ in parameters):
            return book.parameter_places([own[name] for name, _ in parameters])
        tensors = [t for _, t in parameters]
        book.name_parameters(tensors)
        places = book.parameter_places(tensors)
        return [
            replace(p, name=name) if name and p.name.startswith("parameter") else p for p, (name, _) in zip(places, parameters, strict=True)
        ]

    def _owner(self, shapes: dict[str, tuple[int, ...]]) -> nn.Module | None:
        for module in self._observer.models.sites.alive():
            if "_parameters" in vars(module) and "_modules" in vars(module):
                own = {name: tuple(p.shape) for name, p in module.named_parameters()}
                if own and all(own.get(name) == shape for name, shape in shapes.items()):
                    self._observer.models.know(module)
                    return module
        return None
