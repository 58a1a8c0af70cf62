"""The data flow that a graph tells of: what each node is for, which layers follow one another, and which way leads around them."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator

from unstuck.attach.graph import VIEWS, Node, core_of, is_weighted, parameter_of, parameter_slots, sequence, signals, stem


def roles(nodes: list[Node]) -> dict[Node, str]:
    """For every node: "output" (no parameters between it and the loss), "gate" (it multiplies another signal) or "hidden".

    A node on several ways to the loss is hidden as soon as one of them leads through parameters.
    """
    below: dict[Node, bool] = dict.fromkeys(nodes[:1], False)
    gates: set[Node] = set()
    for node in sorted(nodes, key=sequence, reverse=True):  # consumers were created after what they consume
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


def _straight(node: Node) -> bool:
    """Linear in the signal; a leaky ReLU is where its slope is 1."""
    slope = getattr(node, "_saved_negative_slope", None) if stem(node) == "LeakyRelu" else None
    return stem(node) in _LINEAR or (slope is not None and abs(float(slope) - 1) < 1e-3)


def linear_paths(node: Node, weighted: Collection[Node]) -> Iterator[tuple[Node, list[str]]]:
    """Weighted nodes below `node` that it reaches through linear operations alone, each with what lies between (norms, pools, dropouts).

    Where two signals meet (a residual sum, a product) the path ends: what lies behind is no plain stack.
    """
    below = signals(node)
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
        following = signals(current)
        if len(following) != 1:
            return
        current = following[0]


def bends(nodes: Collection[Node]) -> set[str]:
    """Names of the operations above some weights that are not linear in the signal: activations, gates, attention, recurrent cells, max-pools."""
    found: set[str] = set()
    carries: dict[Node, bool] = {}
    for node in sorted(nodes, key=sequence):  # what is consumed was created before its consumer
        if node.name().endswith("AccumulateGrad"):
            continue
        inputs = [f for f, _ in node.next_functions if f is not None and not f.name().endswith("AccumulateGrad")]
        carries[node] = any(carries.get(f, False) for f in inputs) or is_weighted(node)
    roles_of = roles(list(nodes))
    for node in nodes:
        if not carries.get(node) or roles_of.get(node) == "output" or node.name() in VIEWS:
            continue
        name = stem(node)
        two = len([f for f in signals(node) if carries.get(f)]) > 1
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
    order = sorted((n for n in nodes if not n.name().endswith("AccumulateGrad")), key=sequence)
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
    order = sorted((n for n in nodes if not n.name().endswith("AccumulateGrad")), key=sequence)
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
