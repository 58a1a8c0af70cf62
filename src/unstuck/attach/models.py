"""The models that are being trained: the root modules that own the parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import nn

from unstuck.attach.discovery import ModuleSites, model_names, roots_of
from unstuck.attach.places import PlaceBook

#: Searches of the heap for the owners of parameters that no optimizer holds.
SEARCHES = 2


class Models:
    """Finds the root modules, and has their layers named."""

    def __init__(self, sites: ModuleSites, book: PlaceBook) -> None:
        self.sites = sites
        self._book = book
        self.roots: list[nn.Module] = []
        self._root_ids: frozenset[int] = frozenset()
        #: Ids of the modules by which batches enter (see `doors`); until that is known, the roots. By the id of a root that was not called
        #: itself, those inside it.
        self._doors: set[int] = set()
        self._instead: dict[int, list[nn.Module]] = {}
        self._searches = 0

    def is_root(self, module: nn.Module) -> bool:
        """One of the models."""
        return id(module) in self._root_ids

    def is_door(self, module: nn.Module) -> bool:
        """One of the modules that the script itself calls with a batch."""
        return id(module) in self._doors

    def enter_by(self, roots: Sequence[nn.Module], instead: Mapping[int, list[nn.Module]]) -> None:
        """These roots are doors, and by the id of a root that was not called itself the modules inside it."""
        self._instead = {i: inner for i, inner in instead.items() if inner}
        self._doors = {id(m) for m in (*roots, *(m for inner in instead.values() for m in inner))}

    def entered(self, module: nn.Module) -> None:
        """A door was called; a root that is called itself after all makes those inside it none."""
        if self._instead and id(module) in self._instead:
            self._doors.difference_update(map(id, self._instead.pop(id(module))))

    def release(self) -> None:
        """Hold none any more."""
        self.roots, self._root_ids, self._doors, self._instead = [], frozenset(), set(), {}

    def learn(self, parameters: Sequence[torch.Tensor], heap: bool = True) -> None:
        """Find the root modules that own these parameters; `heap`: also among modules that nobody told of."""
        parameters = [p for p in parameters if isinstance(p, nn.Parameter)]  # no module holds a bare tensor
        if not parameters:
            return
        known = {id(p) for p in self.parameters()}
        missing = [p for p in parameters if id(p) not in known]
        if missing:
            found = [r for r in roots_of(missing, self.sites.alive(), heap) if all(r is not k for k in self.roots)]
            if not found:
                return
            # A root that has become part of a new one (wrapped by DDP or a loss module) is a root no more.
            inside = {id(m) for r in found for m in r.modules()}
            self._know([r for r in self.roots if id(r) not in inside] + found)

    def learn_from_graph(self, leaves: Sequence[torch.Tensor]) -> None:
        """The same for the leaves of a graph, where no optimizer told of the parameters; the heap is searched a few times only."""
        self.learn(leaves, heap=self._searches < SEARCHES)
        self._searches += any(isinstance(p, nn.Parameter) for p in leaves)

    def know(self, module: nn.Module) -> None:
        """A model whose parameters the script holds itself."""
        self._know([*self.roots, module])

    def _know(self, roots: list[nn.Module]) -> None:
        self.roots = roots
        self._root_ids = frozenset(map(id, roots))
        self._doors, self._instead = set(self._root_ids), {}
        self._names = model_names(roots)
        self.name_again()

    def name_again(self) -> None:
        """A layer has come since."""
        self._book.know(self.roots, self._names)

    def parameters(self) -> list[torch.Tensor]:
        """Of all models, the frozen ones too; shared ones several times."""
        return [p for root in self.roots for p in root.parameters()]
