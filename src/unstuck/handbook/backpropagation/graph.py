"""Reverse-mode differentiation in a hundred lines of numpy: a graph, forward values that are kept, a reverse walk that skips what nobody asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

Backward = Callable[[np.ndarray], tuple[np.ndarray, ...]]


class Node:
    """A value in the graph, the nodes it came from, and how a gradient at it becomes gradients at them."""

    #: Multiplications of matrix products since the last reset, forward and backward.
    multiplications: int = 0

    def __init__(
        self, value: object, parents: Sequence[Node] = (), backward: Backward | None = None, name: str = "", wanted: bool = False
    ) -> None:
        self.value = np.asarray(value, dtype=float)
        #: A gradient is wanted here, or further up.
        self.wanted = wanted or any(p.wanted for p in parents)
        #: Branches without anything trainable are cut off at once: nothing of them is kept for the way back.
        self.parents = tuple(parents) if self.wanted else ()
        self.backward = backward if self.wanted else None
        self.gradient: np.ndarray | None = None
        self.name = name

    def __matmul__(self, other: Node) -> Node:
        Node.multiplications += self.value.shape[0] * self.value.shape[1] * other.value.shape[1]
        a, b = self.value, other.value

        def back(g: np.ndarray) -> tuple[np.ndarray, ...]:
            Node.multiplications += a.size * b.shape[1] * (self.wanted + other.wanted)
            return g @ b.T if self.wanted else np.zeros(()), a.T @ g if other.wanted else np.zeros(())

        return Node(a @ b, (self, other), back, "matmul")

    def __add__(self, other: Node) -> Node:
        a, b = self.value, other.value
        return Node(a + b, (self, other), lambda g: (_summed(g, a.shape), _summed(g, b.shape)), "add")

    def __mul__(self, other: Node) -> Node:
        a, b = self.value, other.value
        return Node(a * b, (self, other), lambda g: (_summed(g * b, a.shape), _summed(g * a, b.shape)), "mul")

    def tanh(self) -> Node:
        """Elementwise; the output is kept, because the slope is 1 - output^2."""
        y = np.tanh(self.value)
        return Node(y, (self,), lambda g: (g * (1 - y**2),), "tanh")

    def mean_square(self) -> Node:
        """The mean of the squares of all elements."""
        x = self.value
        return Node((x**2).mean(), (self,), lambda g: (g * 2 * x / x.size,), "mean square")

    def cross_entropy(self, labels: np.ndarray) -> Node:
        """Mean cross-entropy of rows of logits."""
        z = self.value - self.value.max(1, keepdims=True)
        log_share = z - np.log(np.exp(z).sum(1, keepdims=True))
        hit = np.eye(z.shape[1])[labels]
        return Node(-(hit * log_share).sum(1).mean(), (self,), lambda g: (g * (np.exp(log_share) - hit) / len(z),), "cross entropy")

    def walk(self) -> list[Node]:
        """The nodes that backward will visit, in its order: every node after all that use it."""
        order: list[Node] = []
        seen: set[int] = set()

        def visit(node: Node) -> None:
            if id(node) not in seen and node.wanted:
                seen.add(id(node))
                for parent in node.parents:
                    visit(parent)
                order.append(node)

        visit(self)
        return order[::-1]

    def backpropagate(self) -> int:
        """Add d(self)/d(node) to the gradient of every wanted leaf; returns the number of nodes visited."""
        arrived: dict[int, np.ndarray] = {id(self): np.ones_like(self.value)}
        order = self.walk()
        for node in order:
            g = arrived.pop(id(node))
            if node.backward is None:
                node.gradient = g if node.gradient is None else node.gradient + g  # leaves accumulate
                continue
            for parent, part in zip(node.parents, node.backward(g), strict=True):
                if parent.wanted:
                    arrived[id(parent)] = arrived[id(parent)] + part if id(parent) in arrived else part
        return len(order)


def _summed(g: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Undo broadcasting: what was copied forward is summed backward."""
    while g.ndim > len(shape):
        g = g.sum(0)
    for axis, size in enumerate(shape):
        if size == 1 and g.shape[axis] != 1:
            g = g.sum(axis, keepdims=True)
    return g
