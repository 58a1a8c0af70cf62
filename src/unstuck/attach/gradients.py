"""Hooks on the nodes of one backward pass, and which nodes can do without.

In a chain, what one place sends on is what arrives at the place below, so a hook on every other node sees all of it; a hook costs as much as
the step of a small layer. Not where something may alter a gradient on its way from node to node (a hook of the script's on a tensor),
or where gradients may come from a graph that was not looked at. A hook that the script puts on a node itself cannot be seen; so now and then
every node has one of ours, and what is sent on is compared with what arrives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from unstuck.attach.excerpts import light
from unstuck.records import Place

Node = Any  # torch.autograd.graph.Node
#: A gradient, or its norm, and a factor (see `excerpts.light`).
Light = tuple[torch.Tensor | float, float]


#: Sampled backward passes between two that are checked (one in 31: a script that makes two or three a step has each of them checked).
CHECK_GAP = 30


@dataclass(slots=True)
class Watched:
    """A node whose gradient is read: where it stands in the walk, and which of its inputs carries the signal on."""

    index: int
    place: Place
    slot: int | None
    #: Index of the call that made the node; None for the node of no module.
    call: int | None = None
    #: Of the watched nodes, the one that gets what this one sends on, and nothing else.
    below: int | None = None
    #: The hooks on its neighbours see all that it would.
    spared: bool = False


@dataclass(slots=True)
class Passed:
    """What was seen at one place: the gradient that arrives, the one that is sent on, number of elements."""

    place: Place
    out: Light
    into: Light | None
    size: int


def spare(watched: Sequence[Watched], nodes: Sequence[Node]) -> None:
    """Find the nodes that need no hook; `nodes` is the whole graph, loss first."""
    # (A hook on a module, where it can change a gradient, has a node of its own between two others, which then are no neighbours.)
    at = {nodes[w.index]: i for i, w in enumerate(watched)}
    consumers = Counter(f for n in nodes for f, _ in n.next_functions if f is not None)
    for w in watched:
        if w.slot is not None:
            node, output = nodes[w.index].next_functions[w.slot]
            if node in at and consumers[node] == 1 and output == 0:
                w.below = at[node]
    served: set[int] = set()  # the place above has a hook
    needed: set[int] = set()  # the place above has none
    for i in sorted(range(len(watched)), key=lambda i: watched[i].index):
        w = watched[i]
        if i in served and i not in needed and (w.slot is None or w.below is not None):
            w.spared = True
            if w.below is not None:
                needed.add(w.below)
        elif w.below is not None:
            served.add(w.below)


def same(sent: torch.Tensor | float, arrived: torch.Tensor | float) -> bool:
    """The norm, or the very tensor (its numbers are not looked at, which an accelerator would have to be waited for)."""
    if isinstance(sent, torch.Tensor) or isinstance(arrived, torch.Tensor):
        both = isinstance(sent, torch.Tensor) and isinstance(arrived, torch.Tensor)
        return both and sent.data_ptr() == arrived.data_ptr() and sent.shape == arrived.shape  # type: ignore[union-attr]
    return sent == arrived or (sent != sent and arrived != arrived)


class NodeHooks:
    """Puts them there, and keeps what they see."""

    def __init__(self) -> None:
        #: Places in the order in which the gradient came by.
        self.found: list[Passed] = []
        #: An error in a hook.
        self.error: Exception | None = None
        #: The script has hooks on tensors inside the graph, which may alter what goes from node to node; or something was seen to.
        self.altered = False
        #: Backward passes until all nodes have hooks again, to see that nothing is altered in between.
        self._unchecked = 0
        #: The backward pass starts from several tensors, of which only the first one's graph was looked at.
        self.several = False

    def forget(self) -> None:
        """Forget the step."""
        self.found = []

    def put(self, watched: Sequence[Watched], cores: Sequence[Node | None]) -> list[Any]:
        """Hooks on these nodes; returns the handles."""
        check = not (self._unchecked or self.altered or self.several)
        self._unchecked = CHECK_GAP if check else max(0, self._unchecked - 1)
        spared = set() if check or self.altered or self.several else {i for i, w in enumerate(watched) if w.spared}
        above = {watched[i].below: i for i in spared}
        waiting: dict[int | None, Passed] = {}
        handles = []
        for i, (w, core) in enumerate(zip(watched, cores, strict=True)):
            if i not in spared:
                below = w.below if w.below in spared else None
                place = watched[below].place if below is not None else None
                hook = self._checking(i, w, waiting) if check else self._hook(w, above.get(i), below, place, waiting)
                handles.append(core.register_hook(hook))  # type: ignore[union-attr]
        return handles

    def _checking(self, index: int, w: Watched, sent: dict[int | None, Passed]) -> Callable[[Any, Any], None]:
        """The hook of a node whose neighbours have hooks too; `sent`: what was seen at the place above, by the index of the one below."""
        hook, found, below = self._hook(w, None, None, None, {}), self.found, w.below

        def compare(grad_inputs: Any, grad_outputs: Any) -> None:
            seen = len(found)
            hook(grad_inputs, grad_outputs)
            if len(found) > seen:
                above = sent.pop(index, None)
                if above is not None and above.into is not None and not same(above.into[0], found[-1].out[0]):
                    self.altered = True
                if below is not None:
                    sent[below] = found[-1]

        return compare

    def _hook(
        self, w: Watched, above: int | None, below: int | None, place_below: Place | None, waiting: dict[int | None, Passed]
    ) -> Callable[[Any, Any], None]:
        """`above`, `below`: neighbours without hooks; `waiting`: what is known of such."""
        found, place, slot = self.found, w.place, w.slot

        def hook(grad_inputs: Any, grad_outputs: Any) -> None:
            try:
                gradient = grad_outputs[0]
                if gradient is None:
                    return
                out = light(gradient)
                sent = grad_inputs[slot] if slot is not None and slot < len(grad_inputs) else None
                into = None if sent is None else light(sent)
                found.append(Passed(place, out, into, gradient.numel()))
                if above in waiting:
                    waiting.pop(above).into = out
                if place_below is not None and sent is not None and into is not None:
                    passed = waiting[below] = Passed(place_below, into, None, sent.numel())
                    found.append(passed)
            except Exception as error:  # the engine would hand it to the script
                self.error = error

        return hook
