"""The head of a graph: what the loss is, and what a loss function's value counts in what is differentiated."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch

from unstuck.attach.graph import VIEWS, Node, parameter_of, parameter_slots, signals, stem, walk

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


#: Between a loss and the sum that it is a part of: these leave its value as it is where it is one number.
_KEPT = frozenset(("Stack", "Sum", "Squeeze", "Unsqueeze", "View", "Reshape", "Clone", "ToCopy"))


def _terms(root: Node, limit: int, known: Callable[[Node], bool] = lambda node: False) -> Iterator[tuple[Node, float]]:
    """What the number that `root` gives is made of, through sums and constant factors, and what each part counts; the root first.

    What is `known` is not taken apart.
    """
    queue: list[tuple[Node, float]] = [(root, 1.0)]
    for node, times in queue:
        yield node, times
        if known(node):
            continue
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


def factor(root: Node, part: Node, limit: int = 32) -> float | None:
    """What the number that `part` gave is multiplied by on its way to the one that `root` gives, through sums and constant factors.

    None where no such way is found among the first nodes. The caller makes sure that no saved-tensor hooks are in use.
    """
    return next((times for node, times in _terms(root, limit) if node == part), None)


def penalty(root: Node, limit: int = 1000) -> float | None:
    """What the terms of a loss that are made of parameters alone (L1, L2, their norms) add to it; None where there is none, or nothing else.

    The caller makes sure that no saved-tensor hooks are in use.
    """
    values: dict[Node, torch.Tensor] = {}

    def known(node: Node) -> bool:
        value = _of_parameters(node)
        if value is not None and value.numel() == 1:
            values[node] = value
        return node in values

    terms = list(_terms(root, limit, known))
    return sum(times * float(values[node]) for node, times in terms if node in values) if values and root not in values else None


def _of_parameters(node: Node | None, depth: int = 6) -> torch.Tensor | None:
    """The value of a node into which nothing but parameters goes, by the operations that penalties are written with."""
    if node is None or not depth:
        return None
    if (parameter := parameter_of(node)) is not None:
        return parameter.detach() if parameter.is_cpu else None
    following = [f for f, _ in node.next_functions]
    if stem(node) == "Cat":
        parts = [_of_parameters(f, depth - 1) for f in following]
        return None if any(p is None for p in parts) else torch.cat([p.flatten() for p in parts if p is not None])
    if len(set(following)) != 1 or (inner := _of_parameters(following[0], depth - 1)) is None:
        return None
    match node.name():
        case "AbsBackward0":
            return inner.abs()
        case "PowBackward0":
            power: torch.Tensor = torch.pow(inner, node._saved_exponent)
            return power
        case "MulBackward0" if len(following) == 2:
            return inner * inner
        case "SumBackward0":
            return inner.sum()
        case "MeanBackward0":
            return inner.mean()
        case "LinalgVectorNormBackward0" if node._saved_dim is None:
            norm: torch.Tensor = torch.linalg.vector_norm(inner, float(node._saved_ord))
            return norm
        case "SqrtBackward0":
            return inner.sqrt()
    return None


def margin_labels(root: Node) -> list[float]:
    """Smallest and largest label of a margin loss by hand, mean(max(0, 1 - y s)); nothing of any other. No saved-tensor hooks may be in use."""
    node, names = root, list[str]()
    for _ in range(8):
        name = stem(node)
        if name == "Mul" and names[-2:] in (["Clamp", "Rsub"], ["Relu", "Rsub"], ["ClampMin", "Rsub"]):
            labels = [t for t in (node._saved_self, node._saved_other) if t is not None and not t.requires_grad and t.numel() > 1]
            return [float(labels[0].min()), float(labels[0].max())] if len(labels) == 1 and labels[0].is_cpu else []
        following = signals(node)
        if len(following) != 1:
            return []
        if node.name() not in VIEWS:
            names.append(name)
        node = following[0]
    return []
