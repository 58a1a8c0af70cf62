"""Where a NaN or Inf was born: the first operation of a forward pass whose result is not finite, from what the graph saved for backward."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from unstuck.attach import graph

if TYPE_CHECKING:
    from unstuck.attach.places import PlaceBook

#: What a node saved that was an input of its operation, and what was its result.
INPUTS = ("_saved_self", "_saved_input", "_saved_mat1", "_saved_other", "_saved_exponent", "_saved_tensor1", "_saved_tensor2")
RESULTS = ("_saved_result", "_saved_out")


def origin(root: graph.Node, book: PlaceBook, inputs: torch.Tensor | None) -> dict[str, str]:
    """Facts.notes about the first non-finite value in the graph behind `root`: nonfinite.born, .operation, .place.

    born is "input" (the batch), "weights" (a parameter is lost already), "forward" (an operation made it) or "unknown".
    """
    nodes = sorted(graph.walk(root), key=lambda n: n._sequence_nr() if not n.name().endswith("AccumulateGrad") else -1)
    if inputs is not None and not finite(inputs):
        return {"nonfinite.born": "input"}
    if any(not finite(n.variable) for n in nodes if n.name().endswith("AccumulateGrad")):
        return {"nonfinite.born": "weights"}
    suspect: graph.Node | None = None
    for node in nodes:
        if node.name().endswith("AccumulateGrad"):
            continue
        if any(not finite(t) for t in saved(node, INPUTS)):
            signals = [f for f, _ in node.next_functions if f is not None and graph.parameter_of(f) is None]
            if suspect is None and not signals and any(f is None for f, _ in node.next_functions):
                return {"nonfinite.born": "input"}  # nothing that is differentiated made it
            # Its input is lost already: what made that input is among what it consumes.
            maker = next((f for f, _ in node.next_functions if f is not None and not f.name().endswith("AccumulateGrad")), None)
            suspect = suspect or (graph.core_of(maker) if maker is not None else node)
            break
        if any(not finite(t) for t in saved(node, RESULTS)) or singular(node):
            suspect = suspect or node
            if not singular(node):
                break
    if suspect is None:
        return {"nonfinite.born": "unknown"}
    name = suspect.name().removesuffix("0").removesuffix("1").removesuffix("Backward").lower()
    place = book.place_of_node(suspect)
    return {"nonfinite.born": "forward", "nonfinite.operation": name, **({"nonfinite.place": place} if place else {})}


def singular(node: graph.Node) -> bool:
    """log of a number that is not positive, division by zero, root of a negative number."""
    name = node.name().removesuffix("0").removesuffix("Backward")
    if name in ("Log", "Log2", "Log10"):
        return any(bool((t <= 0).any()) for t in saved(node, ("_saved_self",)))
    if name == "Div":
        return any(bool((t == 0).any()) for t in saved(node, ("_saved_other",)))
    return False


def saved(node: graph.Node, names: tuple[str, ...]) -> list[torch.Tensor]:
    """Tensors that a node saved under these names; what was freed or changed since is left out."""
    found: list[Any] = []
    for name in names:
        try:
            value = getattr(node, name, None)
        except RuntimeError:
            continue
        if isinstance(value, torch.Tensor) and value.is_floating_point():
            found.append(value.detach())
    return found


def finite(t: torch.Tensor) -> bool:
    """All values are finite. -inf from a mask is legal in attention: only NaN and +inf count."""
    if not t.is_floating_point():
        return True
    return not bool((torch.isnan(t) | (t == float("inf"))).any())
