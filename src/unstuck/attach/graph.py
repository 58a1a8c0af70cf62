"""Reading the autograd graph behind a loss: the order of the layers, functional activations, the kind of the loss.

Nothing here computes: nodes are only walked and named. Names of nodes are PyTorch's own ("ReluBackward0").
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import torch
import torch.nn.functional as F

Node = Any  # torch.autograd.graph.Node; its attributes differ from node to node
#: Nodes that only move numbers about: gain 1, no place of their own.
VIEWS = frozenset(
    f"{name}Backward{n}"
    for name in (
        "View", "UnsafeView", "Transpose", "T", "Expand", "Clone", "Permute", "Squeeze", "Unsqueeze", "ReshapeAlias", "Select", "Slice",
        "ToCopy", "Alias", "AsStrided", "Contiguous", "Unbind", "SplitWithSizes", "Split", "MT", "Narrow", "Detach", "Index",
    )
    for n in (0, 1)
)  # fmt: skip
#: Elementwise activations: node -> (name, attribute with a saved tensor, function that gives the output from it; None = it is the output).
ACTIVATIONS: dict[str, tuple[str, str, Callable[[torch.Tensor], torch.Tensor] | None]] = {
    "SigmoidBackward0": ("sigmoid", "_saved_result", None),
    "TanhBackward0": ("tanh", "_saved_result", None),
    "ReluBackward0": ("relu", "_saved_result", None),
    "LeakyReluBackward0": ("leaky_relu", "_saved_self", F.leaky_relu),
    "EluBackward0": ("elu", "_saved_self", F.elu),
    "CeluBackward0": ("celu", "_saved_self", F.celu),
    "GeluBackward0": ("gelu", "_saved_self", F.gelu),
    "SiluBackward0": ("silu", "_saved_self", F.silu),
    "MishBackward0": ("mish", "_saved_self", F.mish),
    "SoftplusBackward0": ("softplus", "_saved_self", F.softplus),
    "HardtanhBackward0": ("hardtanh", "_saved_self", F.hardtanh),
    "HardsigmoidBackward0": ("hardsigmoid", "_saved_self", F.hardsigmoid),
    "HardswishBackward0": ("hardswish", "_saved_self", F.hardswish),
    "PreluKernelBackward0": ("prelu", "_saved_self", None),
    "ClampMinBackward0": ("relu", "_saved_self", F.relu),
    "ClampBackward1": ("relu", "_saved_self", F.relu),
    "SoftmaxBackward0": ("softmax", "_saved_result", None),
}


def walk(root: Node, cap: int = 50_000) -> list[Node]:
    """All nodes reachable from `root`, breadth first: the same order for the same graph."""
    return survey(root, cap)[0]


def survey(root: Node, cap: int = 50_000) -> tuple[list[Node], list[int]]:
    """The same, and what the edges are: two graphs of equal edges, node by node of equal names, are the same but for the numbers in them."""
    found, at = [root], {root: 0}
    edges: list[int] = []
    for node in found:
        for following, output in node.next_functions:
            if following is None:
                edges.append(-1)
                continue
            index = at.get(following)
            if index is None:
                index = at[following] = len(found)
                found.append(following)
            edges.append(index)
            if output:
                edges.append(-2 - output)
        edges.append(len(found))  # the end of the node's edges; no index is as large
        if len(found) > cap:
            break
    return found, edges


def parameter_of(node: Node) -> torch.Tensor | None:
    """The parameter behind a node: AccumulateGrad directly, or behind transposes and casts."""
    for _ in range(5):
        if node is None:
            return None
        name = node.name()
        if name.endswith("AccumulateGrad"):
            variable: torch.Tensor = node.variable
            return variable
        if name not in VIEWS or not node.next_functions:
            return None
        node = node.next_functions[0][0]
    return None


def parameter_slots(node: Node) -> list[bool]:
    """For each input of a node: is it a parameter?"""
    return [parameter_of(following) is not None for following, _ in node.next_functions]


def core_of(node: Node) -> Node:
    """Behind the views at a module's output, the node that computed it."""
    for _ in range(6):
        name = node.name()
        if name not in VIEWS or name.startswith("Index"):
            return node
        inner = node.next_functions[0][0]
        if inner is None or inner.name().endswith("AccumulateGrad"):
            return node
        node = inner
    return node


_WEIGHTED = (
    "Addmm",
    "Mm",
    "Bmm",
    "Convolution",
    "MkldnnConvolution",
    "CudnnConvolution",
    "SlowConv",
    "ThnnConv",
    "Linear",
    "MkldnnLinear",
    "Baddbmm",
)


def stem(node: Node) -> str:
    """ "ReluBackward0" -> "Relu"."""
    name: str = node.name().rpartition("::")[2]
    return name.rstrip("0123456789").removesuffix("Backward")


def is_weighted(node: Node) -> bool:
    """A product of the signal with a matrix of parameters; an embedding is none."""
    slots = parameter_slots(node)
    return stem(node).startswith(_WEIGHTED) and any(slots)


#: Products: which of their inputs carries the signal, and under which name it is saved for backward.
_ENTRIES = {
    "Addmm": (1, "_saved_mat1"),
    "Mm": (0, "_saved_self"),
    "Mv": (0, "_saved_self"),
    "Bmm": (0, "_saved_self"),
    "Convolution": (0, "_saved_input"),
}


def entry(nodes: Collection[Node]) -> torch.Tensor | None:
    """What the first product with parameters is given, where that is data: no gradient goes on from there. None where it is not to be had.

    The caller makes sure that no saved-tensor hooks are in use.
    """
    for node in sorted((n for n in nodes if stem(n) in _ENTRIES and any(parameter_slots(n))), key=sequence):
        slot, name = _ENTRIES[stem(node)]
        if node.next_functions[slot][0] is None:
            try:
                saved: torch.Tensor | None = getattr(node, name, None)
            except RuntimeError:  # freed, or changed in place since
                return None
            return None if saved is None else saved.detach()
    return None


def signals(node: Node) -> list[Node]:
    """Inputs of a node that carry the signal: neither parameters nor constants."""
    return [f for f, _ in node.next_functions if f is not None and parameter_of(f) is None]


def sequence(node: Node) -> int:
    """When it was made: what is consumed has a smaller number than its consumers."""
    return int(node._sequence_nr())


def is_activation(node: Node) -> bool:
    """An activation function; a clamp is one where it cuts at 0 from below and nowhere else."""
    name = node.name()
    if name.startswith("Clamp"):
        return getattr(node, "_saved_min", None) == 0 and getattr(node, "_saved_max", None) is None
    return name in ACTIVATIONS


def activation_rows(node: Node) -> torch.Tensor | None:
    """Output of an activation node from what it saved for backward; None where that is not to be had.

    The caller makes sure that no saved-tensor hooks are in use: reading would run a checkpointed segment again.
    """
    _, attribute, function = ACTIVATIONS[node.name()]
    try:
        saved = getattr(node, attribute, None)
    except RuntimeError:  # freed, or changed in place since
        return None
    if saved is None:
        return None
    return saved.detach() if function is None else function(saved.detach())
