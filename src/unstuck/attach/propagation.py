"""What a sampled step shows at the places of the network: activations on the way forward, gradients on the way back."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from unstuck.attach import graph
from unstuck.attach.excerpts import RECTIFIERS, Excerpt, Pool, channel_moments, firing, first_tensor, strided_rows, unnested
from unstuck.attach.gradients import Light, NodeHooks
from unstuck.attach.layouts import Layouts
from unstuck.attach.places import PlaceBook
from unstuck.attach.plans import Call, Plan, Signature, followed, signature_of
from unstuck.records import Place
from unstuck.training import Sample

#: Samples between two looks at the leaves of a graph that stays the same, at most.
LOOK_GAP = 31


class Propagation:
    """Collects from the calls of the layers, and from hooks on the nodes of one backward pass."""

    def __init__(self, book: PlaceBook, layouts: Layouts) -> None:
        self._book, self._layouts = book, layouts
        #: Leaf modules with parameters in the order of their first call in a sampled step -> was one of their calls recorded for backward?
        self._called: dict[str, bool] = {}
        #: Batch-norm layers that were used with the running statistics that they were made with.
        self._fresh_norms: set[str] = set()
        self._pool = Pool()
        #: The forward pass of a model is going on, and is one of the first, whose functional calls are followed.
        self.following = False
        self.node_hooks = NodeHooks()
        #: What autograd saved goes through functions of the script's (checkpointing), and is not to be read.
        self.saved_tensor_hooks = False
        #: Samples until the leaves of the graph are looked at again where it has not changed, and how many samples that was the last time.
        self._look_in = self._look_gap = 0
        self._calls: list[Call] = []
        self.forget()

    def forget(self) -> None:
        """Forget the step."""
        #: Calls whose graph has not been seen yet: a generator is called before the step of its judge, and differentiated after it. The number
        #: of the node (which is not held), the module, its how-manieth call, shape.
        self._earlier = [
            (graph.sequence(graph.core_of(c.node)), weakref.ref(c.module), c.nth, c.shape) for c in self._calls if c.node is not None
        ]
        self._calls = []
        #: Of these calls, and the graph that was walked last.
        self._signature: Signature = ((), "", b"")
        self._call_counts: dict[int, int] = {}
        self._last_3d_first = False
        self._activations: list[tuple[Place, Excerpt]] = []
        self._alive: list[tuple[Place, Excerpt, int]] = []
        #: Batch-norm layers: batch mean and variance, running mean and variance [4, C], and the values per channel.
        self._norm_rows: list[tuple[nn.Module, Excerpt, int]] = []
        self.node_hooks.forget()
        self.functional_calls = 0
        self._pool.clear()
        self._book.forget_nodes()

    # ------------------------------------------------------------------------------------------------ forward

    def forward(self, module: nn.Module, args: tuple[Any, ...], output: Any) -> None:
        """A module has given its output in a sampled step (global forward hook)."""
        leaf = self._book.leaf(module)
        if leaf is None and module._parameters:
            self._book.meet(module, self.following)
        if leaf is None or (module._modules and not leaf.opaque):  # the criterion, a model that no optimizer trains, a container
            return
        recording = torch.is_grad_enabled()
        if module._parameters and not self._called.get(leaf.name, False):
            self._called[leaf.name] = recording
        self._layouts.see(leaf.name, module, args)
        tensor = output if isinstance(output, torch.Tensor) else first_tensor(output)
        if tensor is None or not recording:
            return
        node = tensor.grad_fn
        if tensor.is_nested:
            tensor = unnested(tensor)
        if leaf.batch_norm and args and isinstance(args[0], torch.Tensor):
            self._note_norm(module, args[0])  # type: ignore[arg-type]
        dimensions = tensor.dim()
        if dimensions == 3 and module._parameters:
            self._last_3d_first = leaf.channels_first
        first = dimensions > 3 or (dimensions == 3 and (self._last_3d_first or leaf.channels_first))
        key = id(module)
        nth = self._call_counts[key] = self._call_counts.get(key, -1) + 1
        rows = alive = None
        if followed(nth):
            rows, alive = strided_rows(tensor, first, self._pool), firing(tensor, first) if leaf.rectifies else None
        self._calls.append(Call(module, node, rows, tensor.shape, nth, alive))

    def _note_norm(self, module: nn.modules.batchnorm._BatchNorm, inputs: torch.Tensor) -> None:
        """Statistics of what a batch-norm layer got, beside its running ones."""
        if module.running_mean is None or module.running_var is None or inputs.dim() < 2 or not inputs.numel():
            return
        count = inputs.numel() // inputs.shape[1]
        if not module.training and module.num_batches_tracked is not None and not int(module.num_batches_tracked):
            self._fresh_norms.add(self._book.name_of(module) or "")
        self._norm_rows.append((module, channel_moments(inputs, module.running_mean, module.running_var), count))

    def functional_call(self, kind: str, result: Any, site: tuple[str, int] | None) -> None:
        """A functional activation was called (only while the first forwards are followed)."""
        if isinstance(result, torch.Tensor) and result.grad_fn is not None:
            self._book.note_functional_call(graph.core_of(result.grad_fn), kind, self.functional_calls, site)
        self.functional_calls += 1

    def no_graph(self) -> None:
        """The calls are over, and no graph of theirs will be seen."""
        if any(call.rows is not None for call in self._calls):
            self._keep_rows(self._book.plan(signature_of(self._calls, [], []), self._calls, []))

    # ------------------------------------------------------------------------------------------------ backward

    def walk(self, root: graph.Node) -> list[graph.Node]:
        """All nodes of the graph of a loss."""
        nodes, edges = graph.survey(root)
        if self._earlier:
            self._find_earlier(nodes)
        self._signature = signature_of(self._calls, nodes, edges)
        return nodes

    def _find_earlier(self, nodes: list[graph.Node]) -> None:
        """Calls of the step before that made nodes of this graph are calls of this step."""
        at = {graph.sequence(node): node for node in nodes}
        here = set(at.values())
        again = {(id(c.module), c.nth) for c in self._calls if c.node in here}
        left, found = [], []
        for earlier in self._earlier:
            number, reference, nth, shape = earlier
            module = reference()
            if module is not None and number in at and (id(module), nth) not in again:
                found.append(Call(module, at[number], None, shape, nth))
            else:
                left.append(earlier)
        self._earlier, self._calls = left, [*found, *self._calls]

    def familiar(self) -> bool:
        """The graph that was walked has the shape of an earlier one, its nodes are all of calls, and its leaves were looked at lately."""
        plan = self._book.known_plan(self._signature) if self._look_in > 0 else None
        if plan is not None and plan.by_calls:
            self._look_in -= 1
            return True
        self._look_in = self._look_gap = min(self._look_gap * 2 + 1, LOOK_GAP)
        return False

    def watch_nodes(self, nodes: list[graph.Node]) -> list[Any]:
        """Hooks on the nodes of the graph that was walked."""
        plan = self._book.plan(self._signature, self._calls, nodes)
        self._keep_rows(plan)
        if not self.saved_tensor_hooks:
            for index, place in plan.functional:
                saved = graph.activation_rows(nodes[index])
                saved = saved if saved is None else unnested(saved)
                rows = strided_rows(saved, saved.dim() > 3, self._pool) if saved is not None else None
                if rows is not None and saved is not None:
                    self._activations.append((place, rows))
                    alive = firing(saved, saved.dim() > 3) if place.kind in RECTIFIERS else None
                    if alive is not None:
                        self._alive.append((place, *alive))
        return self.node_hooks.put(plan.watched, [nodes[w.index] for w in plan.watched])

    def _keep_rows(self, plan: Plan) -> None:
        """The rows of the calls belong to their places."""
        for call, place in zip(self._calls, plan.call_places, strict=True):
            if call.rows is not None and place is not None:
                self._activations.append((place, call.rows))
            if call.alive is not None and place is not None:
                self._alive.append((place, *call.alive))
        self._calls = [self._calls[i] for i in plan.pending]
        for call in self._calls:
            call.rows = call.alive = None  # kept already

    # ------------------------------------------------------------------------------------------------ the sample

    def rows(self) -> list[Excerpt]:
        """Excerpts that `give` wants on the host, in this order."""
        return [
            *(rows for _, rows in self._activations),
            *(fired for _, fired, _ in self._alive),
            *(moments for _, moments, _ in self._norm_rows),
        ]

    def gradients(self) -> list[Light | None]:
        """Gradients whose norms `give` wants: those that arrive at the places, then those that these send on."""
        found = self.node_hooks.found
        return [*(g.out for g in found), *(g.into for g in found)]

    def give(self, sample: Sample, rows: Iterator[np.ndarray], norms: np.ndarray, scale: float | torch.Tensor) -> None:
        """Put it all into the sample; the gradients are so many times too large."""
        sample.activations = [(place, next(rows)) for place, _ in self._activations]
        sample.alive = [(place, next(rows) != 0, count) for place, _, count in self._alive]
        for module, _, count in self._norm_rows:
            moments = next(rows)
            place = self._book.places.get(self._book.name_of(module) or "")
            if place is not None:
                sample.norms.append((place, *moments, count))
        found = self.node_hooks.found
        if found:
            sample.gradient_places = tuple([g.place for g in found])
            sample.gradient_out, sample.gradient_in = norms.reshape(2, -1) / float(scale)
            sample.gradient_size = [g.size for g in found]

    def notes(self) -> dict[str, Any]:
        """Exact observations for `Facts.notes`."""
        return {
            **({"modes.fresh_norms": sorted(self._fresh_norms)} if self._fresh_norms else {}),
            "calls.order": list(self._called)[:1000],
            "calls.without_gradient": [name for name, recorded in self._called.items() if not recorded][:1000],
        }
