"""What is read from a graph of one shape: made once, used as long as the calls and the graph stay the same."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

from torch import nn

from unstuck.attach import graph
from unstuck.attach.excerpts import Excerpt
from unstuck.attach.gradients import Watched
from unstuck.records import Place

#: More places than this are not followed (an unrolled loop over thousands of time steps).
MAX_PLACES = 4_000
#: So many calls of one layer in one step have a place each; after them every 2nd, then every 4th, and so on. Our choice.
DENSE_CALLS = 32


def followed(nth: int) -> bool:
    """Has the `nth` call (from 0) of one layer in one step a place of its own? Their number grows with the logarithm of the calls."""
    return nth < DENSE_CALLS or nth % (1 << (nth // DENSE_CALLS).bit_length()) == 0


@dataclass(slots=True)
class Call:
    """One call of a leaf module in a sampled training forward."""

    module: nn.Module
    node: graph.Node | None
    rows: Excerpt | None
    shape: tuple[int, ...]
    #: How-manieth call of this module in this step.
    nth: int
    #: For a rectifier: which units fired, and over how many rows.
    alive: tuple[Excerpt, int] | None = None


#: Modules called and how often before; names of the nodes, edges (`graph.survey`).
Signature = tuple[tuple[tuple[int, int], ...], str, bytes]


def signature_of(calls: list[Call], nodes: list[graph.Node], edges: list[int]) -> Signature:
    """What tells the calls of a forward pass and its graph from all others."""
    # One string and one row of numbers: many plans of long graphs are kept.
    return tuple([(id(c.module), c.nth) for c in calls]), " ".join([n.name() for n in nodes]), array("i", edges).tobytes()


@dataclass
class Plan:
    """What to read from a graph of one shape; made once, used as long as the graph keeps its shape."""

    signature: Signature
    call_places: list[Place | None]
    watched: list[Watched]
    #: Functional activations: (index in the walk, place).
    functional: list[tuple[int, Place]] = field(default_factory=list)
    #: Calls whose nodes are not in this graph: they may be in that of another loss of the same step.
    pending: list[int] = field(default_factory=list)

    @property
    def by_calls(self) -> bool:
        """All that is read from the graph is the node of some call."""
        return bool(self.call_places) and not self.functional and all(w.call is not None for w in self.watched)
