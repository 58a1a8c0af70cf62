"""The doors of the models: the modules that the script itself calls with a batch.

Mostly these are the models. But a trainer's module may never be called, only the network that it holds; layers that a model keeps in a
list of its own are models of their own by their parameters, and are called inside another one. So in the first sampled steps it is noted
which calls are outermost.
"""

from __future__ import annotations

from collections import Counter

from torch import nn

from unstuck.attach.models import Models

#: A module inside a model that is never called is a door where the script calls it at most so often in a step: one called again and
#: again (a cell that walks through time) is given what it gave before. Our choice.
DOOR_CALLS = 2


class Doors:
    """Learns the outermost calls of one forward pass, as long as it is told of the beginning of each call."""

    def __init__(self, models: Models) -> None:
        self._models = models
        #: Ids of the modules whose calls go on, the outermost first.
        self._open: list[int] = []
        #: Outermost calls in this step, by the id of the module; ids of roots that were called inside others.
        self._outermost: Counter[int] = Counter()
        self._inside: set[int] = set()

    def enter(self, module: nn.Module) -> None:
        """A module with parameters of a known model is about to be called."""
        if not self._open:
            self._outermost[id(module)] += 1
        elif self._models.is_root(module):
            self._inside.add(id(module))
        self._open.append(id(module))

    def leave(self, module: nn.Module) -> bool:
        """Its call is over; returns whether it went on inside another."""
        if id(module) in self._open:  # or its beginning was not seen; those inside it that raised are over too
            del self._open[self._open.index(id(module)) :]
        return bool(self._open)

    def settle(self) -> None:
        """A sampled step is over: what was called is known."""
        if self._outermost:
            inside = self._inside - self._outermost.keys()
            instead: dict[int, list[nn.Module]] = {}
            for root in self._models.roots:
                inner = [m for m in root.modules() if id(m) in self._outermost]
                if root not in inner and all(self._outermost[id(m)] <= DOOR_CALLS for m in inner):
                    instead[id(root)] = inner
            self._models.enter_by([r for r in self._models.roots if id(r) not in inside], instead)
        self._open.clear()
        self._outermost.clear()
        self._inside.clear()
