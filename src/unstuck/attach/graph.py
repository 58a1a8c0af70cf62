"""Reading the autograd graph behind a loss: the order of the layers, functional activations, the kind of the loss.

Nothing here computes: nodes are only walked and named. Names of nodes are PyTorch's own ("ReluBackward0").
"""

from __future__ import annotations

from collections.abc import Callable
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
    "SoftmaxBackward0": ("softmax", "_saved_result", None),
}

#: Loss nodes -> kind.
LOSSES = {
    "NllLossBackward0": "nll",
    "NllLoss2DBackward0": "nll",
    "MseLossBackward0": "mse",
    "SmoothL1LossBackward0": "smooth-l1",
    "HuberLossBackward0": "huber",
    "BinaryCrossEntropyBackward0": "bce",
    "BinaryCrossEntropyWithLogitsBackward0": "bce-with-logits",
    "KlDivBackward0": "kl-div",
    "XlogyBackward0": "kl-div",
    "SoftMarginLossBackward0": "soft-margin",
    "MultiMarginLossBackward0": "multi-margin",
    "CtcLossBackward0": "ctc",
}


def walk(root: Node, cap: int = 50_000) -> list[Node]:
    """All nodes reachable from `root`, breadth first: the same order for the same graph."""
    found = [root]
    seen = {root}
    for node in found:
        for following, _ in node.next_functions:
            if following is not None and following not in seen:
                seen.add(following)
                found.append(following)
        if len(found) > cap:
            break
    return found


def parameter_of(node: Node) -> torch.Tensor | None:
    """The parameter behind a node: AccumulateGrad directly, or behind transposes and casts."""
    for _ in range(5):
        if node is None:
            return None
        name = node.name()
        if name.endswith("AccumulateGrad"):
            return node.variable
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


def head(root: Node, limit: int = 24) -> tuple[str, ...]:
    """Names from the loss down to the first node that owns a parameter: the signature of the loss."""
    names: list[str] = []
    queue, seen = [root], {root}
    for node in queue:
        if any(parameter_slots(node)) or len(names) >= limit:
            break
        names.append(node.name())
        for following, _ in node.next_functions:
            if following is not None and following not in seen:
                seen.add(following)
                queue.append(following)
    return tuple(names)


def loss_kind(signature: tuple[str, ...]) -> str:
    """The kind of a loss by its signature; "unknown" where it is written by hand in a way that is not recognised.

    nll right behind a log-softmax is cross-entropy; mean <- pow <- sub is a squared error; mean <- abs <- sub an absolute one;
    neg/mean <- ... <- log is a likelihood by hand.
    """
    kinds = [LOSSES[name] for name in signature if name in LOSSES]
    if kinds:
        return "cross-entropy" if kinds[0] == "nll" and "LogSoftmaxBackward0" in signature else kinds[0]
    plain = [name.removesuffix("0").removesuffix("Backward") for name in signature]
    if "LogSoftmax" in plain:
        return "cross-entropy"
    if "Pow" in plain and "Sub" in plain:
        return "mse"
    if "Abs" in plain and "Sub" in plain:
        return "l1"
    if "Log" in plain and ("Softmax" in plain or "Sigmoid" in plain):
        return "nll"
    return "unknown"


def roles(nodes: list[Node]) -> dict[Node, str]:
    """For every node: "output" (no parameters between it and the loss), "gate" (it multiplies another signal) or "hidden".

    A node on several ways to the loss is hidden as soon as one of them leads through parameters.
    """
    below: dict[Node, bool] = {nodes[0]: False}
    gates: set[Node] = set()
    for node in sorted(nodes, key=_sequence, reverse=True):  # consumers were created after what they consume
        slots = parameter_slots(node)
        down = below.get(node, False) or any(slots)
        # Two inputs that both carry a signal: the one that is an activation gates the other.
        product = node.name() == "MulBackward0" and sum(f is not None for f, _ in node.next_functions) == 2 and not any(slots)
        for following, _ in node.next_functions:
            if following is None:
                continue
            below[following] = below.get(following, False) or down
            if product:
                gates.add(core_of(following))
    return {n: "gate" if n in gates else "hidden" if below.get(n, False) else "output" for n in nodes}


def _sequence(node: Node) -> int:
    return int(node._sequence_nr())


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
