"""The head of a graph: what the loss is, and what a loss function's value counts in what is differentiated."""

from __future__ import annotations

from unstuck.attach.graph import VIEWS, Node, parameter_slots, signals, stem, walk

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
        following = signals(node)
        if len(following) != 1:
            return []
        if node.name() not in VIEWS:
            names.append(name)
        node = following[0]
    return []
