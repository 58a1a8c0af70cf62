"""Reading the autograd graph behind a loss: the order of the layers, functional activations, the kind of the loss.

Nothing here computes: nodes are only walked and named. Names of nodes are PyTorch's own ("ReluBackward0").
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterator
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
    plain = [name.rstrip("0123456789").removesuffix("Backward") for name in signature]
    if "LogSoftmax" in plain:
        return "cross-entropy"
    if "Pow" in plain and "Sub" in plain:
        return "mse"
    if "Abs" in plain and "Sub" in plain:
        return "l1"
    if "Log" in plain and ("Softmax" in plain or "Sigmoid" in plain):
        return "nll"
    return "unknown"


def softmax_dims(root: Node) -> list[int]:
    """Dimensions over which the (log-)softmaxes right behind a negative log-likelihood run, as the script gave them (0, 1, -1, ...)."""
    node = next((n for n in walk(root, 100) if n.name() == "NllLossBackward0"), None)
    dims: list[int] = []
    while node is not None and node.next_functions:
        node = node.next_functions[0][0]
        if node is None or stem(node) not in ("LogSoftmax", "Softmax", "Log"):
            break
        dim = getattr(node, "_saved_dim", None)
        if dim is not None:
            dims.append(int(dim) - 2**64 if int(dim) >= 2**63 else int(dim))  # PyTorch saves -1 without its sign
    return dims


def roles(nodes: list[Node]) -> dict[Node, str]:
    """For every node: "output" (no parameters between it and the loss), "gate" (it multiplies another signal) or "hidden".

    A node on several ways to the loss is hidden as soon as one of them leads through parameters.
    """
    below: dict[Node, bool] = dict.fromkeys(nodes[:1], False)
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


#: Operations between two layers that are linear in the signal where only one of their inputs carries one.
_LINEAR = frozenset(
    ("Mul", "Div", "Add", "Sub", "Mean", "Sum", "AvgPool1D", "AvgPool2D", "AvgPool3D", "AdaptiveAvgPool1D", "AdaptiveAvgPool2D", "AdaptiveAvgPool3D",
     "MkldnnAdaptiveAvgPool2D", "NativeDropout", "FeatureDropout", "ConstantPadNd", "UpsampleNearest2D", "UpsampleBilinear2D", "Cat", "Stack", "Roll", "Flip")
)  # fmt: skip
#: Normalisations; between layers they do not replace an activation.
_NORMS = ("BatchNorm", "LayerNorm", "GroupNorm", "InstanceNorm", "RmsNorm")
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
    for node in sorted((n for n in nodes if stem(n) in _ENTRIES and any(parameter_slots(n))), key=_sequence):
        slot, name = _ENTRIES[stem(node)]
        if node.next_functions[slot][0] is None:
            try:
                saved: torch.Tensor | None = getattr(node, name, None)
            except RuntimeError:  # freed, or changed in place since
                return None
            return None if saved is None else saved.detach()
    return None


def _signals(node: Node) -> list[Node]:
    """Inputs of a node that carry the signal: neither parameters nor constants."""
    return [f for f, _ in node.next_functions if f is not None and parameter_of(f) is None]


#: Between a loss and the sum that it is a part of: these leave its value as it is where it is one number.
_KEPT = frozenset(("Stack", "Sum", "Squeeze", "Unsqueeze", "View", "Reshape", "Clone", "ToCopy"))


def factor(root: Node, part: Node, limit: int = 32) -> float | None:
    """What the number that `part` gave is multiplied by on its way to the one that `root` gives, through sums and constant factors.

    None where no such way is found among the first nodes. The caller makes sure that no saved-tensor hooks are in use.
    """
    queue: list[tuple[Node, float]] = [(root, 1.0)]
    for node, times in queue:
        if node == part:
            return times
        following = [f for f, _ in node.next_functions]
        name = stem(node)
        if len(queue) > limit or not following:
            continue
        if name in ("Add", "Sub"):
            signs = (1.0, float(node._saved_alpha) * (1 if name == "Add" else -1))
            queue += [(f, times * sign) for f, sign in zip(following, signs, strict=False) if f is not None]
        elif name in ("Mul", "Div") and sum(f is not None for f in following) == 1 and (name == "Mul" or following[0] is not None):
            other = node._saved_other if following[0] is not None else node._saved_self
            if other is not None and other.numel() == 1 and other.is_cpu:
                value = float(other)
                queue += [(f, times * value if name == "Mul" else times / value) for f in following if f is not None and value]
        elif name == "Mean":
            queue += [(f, times / (getattr(node, "_saved_self_sym_numel", 1) or 1)) for f in following if f is not None]
        elif name == "Neg":
            queue += [(f, -times) for f in following if f is not None]
        elif name in _KEPT:
            queue += [(f, times) for f in following if f is not None]
    return None


def margin_labels(root: Node) -> list[float]:
    """Smallest and largest label of a margin loss by hand, mean(max(0, 1 - y s)); nothing of any other. No saved-tensor hooks may be in use."""
    node, names = root, list[str]()
    for _ in range(8):
        name = stem(node)
        if name == "Mul" and names[-2:] in (["Clamp", "Rsub"], ["Relu", "Rsub"], ["ClampMin", "Rsub"]):
            labels = [t for t in (node._saved_self, node._saved_other) if t is not None and not t.requires_grad and t.numel() > 1]
            return [float(labels[0].min()), float(labels[0].max())] if len(labels) == 1 and labels[0].is_cpu else []
        following = _signals(node)
        if len(following) != 1:
            return []
        if node.name() not in VIEWS:
            names.append(name)
        node = following[0]
    return []


def _straight(node: Node) -> bool:
    """Linear in the signal; a leaky ReLU is where its slope is 1."""
    slope = getattr(node, "_saved_negative_slope", None) if stem(node) == "LeakyRelu" else None
    return stem(node) in _LINEAR or (slope is not None and abs(float(slope) - 1) < 1e-3)


def linear_paths(node: Node, weighted: Collection[Node]) -> Iterator[tuple[Node, list[str]]]:
    """Weighted nodes below `node` that it reaches through linear operations alone, each with what lies between (norms, pools, dropouts).

    Where two signals meet (a residual sum, a product) the path ends: what lies behind is no plain stack.
    """
    below = _signals(node)
    if len(below) != 1:
        return
    current, between = below[0], list[str]()
    for _ in range(40):
        if current in weighted:
            yield current, between
            return
        name = stem(current)
        if current.name() not in VIEWS:
            if any(n in name for n in _NORMS):
                between.append("norm")
            elif "MaxPool" in name:
                between.append("max-pool")
            elif not _straight(current) or is_weighted(current):
                return
        following = _signals(current)
        if len(following) != 1:
            return
        current = following[0]


def bends(nodes: Collection[Node]) -> set[str]:
    """Names of the operations above some weights that are not linear in the signal: activations, gates, attention, recurrent cells, max-pools."""
    found: set[str] = set()
    carries: dict[Node, bool] = {}
    for node in sorted(nodes, key=_sequence):  # what is consumed was created before its consumer
        if node.name().endswith("AccumulateGrad"):
            continue
        inputs = [f for f, _ in node.next_functions if f is not None and not f.name().endswith("AccumulateGrad")]
        carries[node] = any(carries.get(f, False) for f in inputs) or is_weighted(node)
    roles_of = roles(list(nodes))
    for node in nodes:
        if not carries.get(node) or roles_of.get(node) == "output" or node.name() in VIEWS:
            continue
        name = stem(node)
        two = len([f for f in _signals(node) if carries.get(f)]) > 1
        if is_weighted(node):
            continue
        if name in ("Add", "Sub", "Cat", "Stack") or (_straight(node) and not two) or any(n in name for n in _NORMS):
            continue
        found.add(name)
    return found


#: Ways through a graph are counted modulo this prime: there may be 2^100 of them, and two counts that differ are told apart all the same.
_PRIME = 2**61 - 1


def without_a_way_around(nodes: Collection[Node]) -> int:
    """Number of weighted nodes that every way from the first layers to the loss leads through: the depth that no shortcut passes.

    All of a plain stack; of a residual net what is before, after and between its blocks.
    """
    order = sorted((n for n in nodes if not n.name().endswith("AccumulateGrad")), key=_sequence)
    before: dict[Node, int] = {}
    for node in order:  # what is consumed was created before its consumer
        ways = sum(before.get(f, 0) for f, _ in node.next_functions if f is not None)
        before[node] = ways % _PRIME or int(is_weighted(node))
    if not order:
        return 0
    after = {order[-1]: 1}
    for node in reversed(order):
        for following, _ in node.next_functions:
            if following is not None:
                after[following] = (after.get(following, 0) + after.get(node, 0)) % _PRIME
    everything = before[order[-1]]
    return sum(is_weighted(n) and before[n] * after.get(n, 0) % _PRIME == everything for n in order)


def between(nodes: Collection[Node], learning: Container[int], loose: Container[int]) -> int:
    """Number of `loose` parameters (ids) that enter the graph above some `learning` ones and below others.

    Above: the signal that they act on was made by learning ones. Below: the result passes through learning ones on its way to the loss.
    """
    order = sorted((n for n in nodes if not n.name().endswith("AccumulateGrad")), key=_sequence)
    own = {n: [id(p) for f, _ in n.next_functions if f is not None and (p := parameter_of(f)) is not None] for n in order}
    made: dict[Node, bool] = {}
    for node in order:  # what is consumed was created before its consumer
        made[node] = any(made.get(f, False) for f, _ in node.next_functions if f is not None) or any(i in learning for i in own[node])
    passes: dict[Node, bool] = {}
    found: set[int] = set()
    for node in reversed(order):
        later = passes.get(node, False)
        here = later or any(i in learning for i in own[node])
        below = any(made.get(f, False) for f, _ in node.next_functions if f is not None)
        if later and below:
            found.update(i for i in own[node] if i in loose)
        for following, _ in node.next_functions:
            if following is not None:
                passes[following] = passes.get(following, False) or here
    return len(found)


def _sequence(node: Node) -> int:
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
