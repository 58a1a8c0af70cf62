"""The names of the modules: dotted, with the line of the user's that made each, and what there is to know of a layer before it is called."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

from torch import nn

from unstuck.attach.discovery import ModuleSites
from unstuck.attach.excerpts import CHANNELS_FIRST_3D, RECTIFIERS
from unstuck.training import named_modules


def kind_of(module: nn.Module) -> str:
    """Name of the class; of PyTorch's own class for a subclass of one of its layers (a parametrised or a user's own `Linear`)."""
    own = type(module)
    if own.__module__.startswith("torch.nn.modules") or (module._modules and not isinstance(module, (nn.Linear, nn.modules.conv._ConvNd))):
        return own.__name__
    parents = (c for c in own.__mro__ if c.__module__.startswith("torch.nn.modules") and not c.__name__.startswith("_"))
    parent = next(parents, nn.Module)
    return own.__name__ if parent in (nn.Module, nn.Sequential, nn.ModuleList, nn.ModuleDict) else parent.__name__


@dataclass(frozen=True, slots=True)
class Leaf:
    """What there is to know of a module before it is called, looked up once."""

    name: str
    kind: str
    #: A layer even where it has children: they are never called by themselves (attention), or belong to it (parametrisations, a norm of ours).
    opaque: bool
    rectifies: bool
    #: Three-dimensional outputs have their channels in the middle.
    channels_first: bool
    batch_norm: bool


class ModuleNames:
    """Looked up once for each module, and again when layers have been named anew."""

    def __init__(self, sites: ModuleSites, folder: str | None = None) -> None:
        self._sites = sites
        self._folder = folder or os.getcwd()
        self._module_names: dict[int, str] = {}
        self._modules: list[nn.Module] = []  # keeps the ids of `_module_names` valid
        #: Counts how often layers were named; what was looked up before is looked up again.
        self.naming = 0
        self._leaves: dict[int, Leaf] = {}
        self._modal: dict[int, list[tuple[nn.Module, str]]] = {}

    def know(self, models: Sequence[nn.Module], names: Sequence[str]) -> None:
        """Learn the names of the modules of these models."""
        for name, module in named_modules(models, names).items():
            self._module_names[id(module)] = name
            self._modules.append(module)
        self.naming += 1
        self._leaves.clear()
        self._modal.clear()

    def release(self) -> None:
        """Hold no module any more."""
        for table in (self._modules, self._module_names, self._leaves, self._modal):
            table.clear()

    def name_of(self, module: nn.Module) -> str | None:
        """Dotted name, or None for a module of no known model."""
        return self._module_names.get(id(module))

    def leaf(self, module: nn.Module) -> Leaf | None:
        """What is known of a module; None for one of no known model."""
        found = self._leaves.get(id(module))
        if found is None:
            name = self._module_names.get(id(module))
            if name is None:
                return None
            kind = kind_of(module)
            found = self._leaves[id(module)] = Leaf(
                name,
                kind,
                opaque=isinstance(module, (nn.MultiheadAttention, nn.Linear, nn.modules.conv._ConvNd)),
                rectifies=kind in RECTIFIERS,
                channels_first=kind in CHANNELS_FIRST_3D,
                batch_norm="BatchNorm" in kind and isinstance(module, nn.modules.batchnorm._BatchNorm),
            )
        return found

    def is_around(self, module: nn.Module, kind: str) -> None:
        """A module of the user's own turned out to be an activation function of this kind and little else."""
        leaf = self.leaf(module)
        if leaf is not None and kind in RECTIFIERS:
            self._leaves[id(module)] = replace(leaf, rectifies=True)

    def holds_parameters(self, module: nn.Module) -> bool:
        """A module of a known model that has parameters, its own or its children's."""
        return id(module) in self._module_names and next(module.parameters(), None) is not None

    def modal(self, root: nn.Module) -> list[tuple[nn.Module, str]]:
        """The layers below `root` that answer otherwise in the other mode (dropout, batch norm), with their names; looked up once."""
        found = self._modal.get(id(root))
        if found is None:
            found = []
            for module in root.modules():
                kind = type(module).__name__
                drops = "Dropout" in kind and getattr(module, "p", True)
                if drops or ("BatchNorm" in kind and getattr(module, "running_mean", 1) is not None):
                    found.append((module, self.name_of(module) or kind))
            if id(root) in self._module_names:  # or its id may be that of another one later
                self._modal[id(root)] = found
        return found

    def relative(self, site: tuple[str, int] | None) -> tuple[str | None, int | None]:
        """A line of the user's, its file relative to the folder of the run where it lies below it."""
        if site is None:
            return None, None
        path = os.path.relpath(site[0], self._folder) if site[0].startswith(self._folder + os.sep) else site[0]
        return path, site[1]

    def site_of(self, module: nn.Module) -> tuple[str | None, int | None]:
        """File and line that made a module; a copied module has those of the nearest known parent."""
        name = self.name_of(module)
        found = self._sites.of(module)
        while found is None and name and "." in name:
            name = name.rpartition(".")[0]
            parent = next((m for m in self._modules if self._module_names[id(m)] == name), None)
            found = self._sites.of(parent) if parent is not None else None
        return self.relative(found)

    def _owners(self) -> dict[int, tuple[nn.Module, str]]:
        owners: dict[int, tuple[nn.Module, str]] = {}
        for module in self._modules:
            for key, value in module._parameters.items():
                if value is not None:
                    owners.setdefault(id(value), (module, key))
        return owners
