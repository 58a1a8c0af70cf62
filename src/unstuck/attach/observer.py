"""Follows the steps of a training, and makes a Sample of what its parts have collected in one of them.

Permanent and nearly free: a wrapper on `torch.autograd.backward`, the global optimizer step hooks, and a few wrapped functions
(`hooks.py` installs them). Only during a sampled step: one *global* forward hook (per-module hooks would be copied by `deepcopy` and break
pickling), and hooks on autograd nodes between the start and the end of one backward pass.

The parts: `models` and `ownership` know what is trained and by which optimizer; `doorway` (batch and loss), `propagation` (activations and
gradients) and `updates` (parameters) collect, each puts its share into the Sample (`give`), and forgets the step (`forget`).

Neutral: no random draw, no forward pass of ours, copies instead of references, nothing kept after the step. Every entry point is called
through `Hooks._guard`, which switches the whole observer off when something of ours raises.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from time import perf_counter
from typing import Any, Protocol

import torch
from torch.optim import Optimizer

from unstuck.attach import graph, nonfinite
from unstuck.attach.by_hand import ByHand, Step
from unstuck.attach.discovery import ModuleSites
from unstuck.attach.doorway import Doorway
from unstuck.attach.excerpts import landed, norms, number
from unstuck.attach.held_out import Table
from unstuck.attach.layouts import Layouts
from unstuck.attach.models import Models
from unstuck.attach.ownership import Ownership
from unstuck.attach.phases import Phases
from unstuck.attach.places import PlaceBook
from unstuck.attach.propagation import Propagation
from unstuck.attach.scaling import LossScaling
from unstuck.attach.updates import Updates
from unstuck.records import Place
from unstuck.training import Sample


class Listener(Protocol):
    """Who is told (the recorder)."""

    def step_done(self, sample: Sample | None, per_step: dict[str, float | torch.Tensor]) -> None:
        """One optimizer step is over; `sample` where it was sampled."""

    def step_changed(self, step: int, change: Step) -> None:
        """What the script itself made of its parameters after the backward pass of a step that is over."""

    def phase_done(self, step: int, name: str, values: dict[str, float], tables: Sequence[Table]) -> None:
        """A phase without gradients is over; `tables` holds quantities with a value at several places."""


class Observer:
    """What is being trained, and what the current step has shown so far."""

    def __init__(self, listener: Listener, sites: ModuleSites, folder: str | None = None) -> None:
        self.listener = listener
        self.book = PlaceBook(sites, folder)
        self.models = Models(sites, self.book)
        self.ownership = Ownership(self.models, self.book)
        self.updates = Updates(self.models, self.ownership, self.book)
        self.step = 0
        #: The step that optimizers have reached within a backward pass that goes on, else 0.
        self.late_step = 0
        #: The outermost backward pass goes on.
        self.in_backward = False
        #: Hooks for the current step are in place.
        self.sampling = True
        #: Seconds that calls of ours took which are over, and when the one that goes on began (see `spent_until`).
        self.spent, self.entered = 0.0, math.inf
        self.scaling = LossScaling()
        #: What the loss being differentiated was multiplied by.
        self.scale: float | torch.Tensor = 1.0
        self.layouts = Layouts()
        self.clipped: tuple[float | torch.Tensor, Any] | None = None
        self.origin: dict[str, str | int] = {}
        self.phases = Phases(self.book, self._phase_done)
        self.doorway = Doorway(self.book, self.phases, self.layouts)
        self.propagation = Propagation(self.book, self.layouts)
        #: Follows the parameters while there is no optimizer.
        self.by_hand = ByHand(self.book)
        self._ended = perf_counter()
        self._spent_at_end = 0.0
        #: Seconds that we had taken before the step that has ended last.
        self.spent_before = 0.0
        self._fresh()

    def spent_until(self, now: float) -> float:
        """Seconds that we took until `now` (see `budget.Budget`)."""
        return self.spent + max(0.0, now - self.entered)

    def release(self) -> None:
        """Watching is over: let go of the models. (A script that imported a function of ours by name holds us for good.)"""
        self._fresh()
        self.models.release()
        self.doorway.release()
        self.book.release()

    def _fresh(self) -> None:
        """Forget the step."""
        #: The loss that was differentiated: its value, or on an accelerator the tensor.
        self.loss_value: float | None = None
        self.loss: torch.Tensor | None = None
        self.step_modes: tuple[float, float] | None = None
        self.doorway.forget()
        self.propagation.forget()
        self.updates.forget()

    def _phase_done(self, values: dict[str, float], tables: Sequence[Table]) -> None:
        self.listener.phase_done(self.step, "validation", values, tables)

    def notes(self) -> dict[str, Any]:
        """Exact observations for `Facts.notes`."""
        return {
            **self.phases.notes(),
            **self.origin,
            **self.layouts.notes(),
            **self.propagation.notes(),
            **self.ownership.notes(),
            "loss.softmax_dims": self.doorway.softmax_dims,
            "loss.margin_labels": self.doorway.margin_labels,
            "forward.calls": self.doorway.calls,
            "inputs.alone": self.doorway.single_input,
            "targets.again": self.phases.held_out.again,
            "targets.conflicts": self.phases.held_out.conflicts,
            **self.book.notes(),
        }

    # ------------------------------------------------------------------------------------------------ backward

    def before_backward(self, tensors: Any) -> list[Any]:
        """The outermost backward pass is about to start; returns the handles of the hooks that it put on nodes."""
        self.doorway.phase_ends()
        self.phases.begin_training()
        if self.by_hand.held is not None:
            self._changed(self.by_hand.arrive())
            if not self.sampling:
                self.by_hand.held = None
        together = tensors if isinstance(tensors, (tuple, list)) else ()  # what can be gone through only once is the script's
        root = tensors if isinstance(tensors, torch.Tensor) else next((t for t in together if isinstance(t, torch.Tensor)), None)
        if root is None:
            return []
        several = len(together) > 1
        loss, self.scale = self.scaling.unscaled(root) if self.scaling.used else (root, 1.0)
        if loss.numel() == 1 and not several:
            if loss.is_cpu:
                self.loss_value = float(loss.item())
            else:  # reading it would wait for it
                self.loss, self.loss_value = loss.detach(), None
            if self.loss_value is not None and not math.isfinite(self.loss_value) and not self.origin and root.grad_fn is not None:
                found = nonfinite.origin(root.grad_fn, self.book, None if self.propagation.saved_tensor_hooks else self.doorway.inputs)
                self.origin = {**found, "nonfinite.step": self.step}
        if not self.sampling or root.grad_fn is None:
            return []
        self.doorway.weigh(loss.grad_fn, self.propagation.saved_tensor_hooks)
        if self.doorway.called or self.step_modes is None:  # the last backward pass counts: an attack or a penalty may come first
            self.step_modes = self.phases.note_modes(list(self.doorway.called.values()) or self.models.roots, "training")
        self.ownership.look_for_leftovers()
        self.propagation.node_hooks.several = several
        nodes = self.propagation.walk(root.grad_fn)
        if self.propagation.familiar():
            return self.propagation.watch_nodes(nodes)
        unknown = not self.models.roots
        self._note_leaves(nodes)
        if not self.models.roots and not self.propagation.saved_tensor_hooks:  # a net of functions has no door; its first product has
            self.doorway.inputs = graph.entry(nodes)
        if not self.doorway.loss_facts:
            self.doorway.note_loss(root.grad_fn)
        if unknown and self.models.roots:  # the forward pass went by before its layers had names
            return []
        return self.propagation.watch_nodes(nodes)

    def _note_leaves(self, nodes: list[graph.Node]) -> None:
        """Learn which parameters the graph reaches."""
        leaves = [n.variable for n in nodes if n.name().endswith("AccumulateGrad")]
        if not self.models.roots or not self.ownership.optimizers:
            self.models.learn_from_graph(leaves)
        if not self.ownership.optimizers:
            self._changed(self.by_hand.see(leaves[::-1]))
        self.ownership.reach(nodes, leaves)

    def _changed(self, change: Step | None) -> None:
        """The script has taken the last step itself."""
        if change is None:
            return
        self.listener.step_changed(change.step, change)
        if self.sampling and change.leftover is not None:
            self.updates.left.append(change.leftover)

    def after_backward(self, handles: list[Any]) -> None:
        """The outermost backward pass is over; an error in one of its hooks is raised here, where it is caught."""
        for handle in handles:
            handle.remove()
        if self.propagation.node_hooks.error is not None:
            raise self.propagation.node_hooks.error
        self.updates.after_backward()

    # ------------------------------------------------------------------------------------------------ optimizer step

    def before_step(self, optimizer: Optimizer) -> None:
        """An optimizer is about to step."""
        if id(optimizer) not in self.ownership.counts:
            self.ownership.know(optimizer, None, self.step)
        self.scaling.saw_step(optimizer)
        if self.sampling:
            self.updates.before_step(optimizer, self.scale)

    def after_step(self, optimizer: Optimizer) -> None:
        """An optimizer has stepped."""
        key, counts = id(optimizer), self.ownership.counts
        count = counts[key] = counts.get(key, 0) + 1
        if self.sampling:
            self.updates.after_step(optimizer)
        if count > self.step:
            if self.in_backward:  # as soon as its gradients were there
                self.late_step = max(self.late_step, count)
            else:
                self._end_step(count)

    def step_skipped(self, optimizer: Optimizer) -> None:
        """A loss scaler left an optimizer's step out: a step of the script all the same, or a run that skips them all would show nothing."""
        self.scaling.saw_skip()
        key, counts = id(optimizer), self.ownership.counts
        self.ownership.cleared[key] = False
        count = counts[key] = counts.get(key, 0) + 1
        if count > self.step:
            self._end_step(count)

    def saw_clipping(self, limit: Any, total: Any) -> None:
        """`clip_grad_norm_` was called; on an accelerator nothing is read."""
        self.clipped = (limit.detach() if isinstance(limit, torch.Tensor) else float(limit), total)

    def end_step_after_backward(self, gradients: dict[int, torch.Tensor] | None = None) -> None:
        """A backward pass that was a step: optimizers stepped in it, or the script never made one.

        `gradients`: by the ids of the parameters, where the script asked for them (`torch.autograd.grad`)."""
        late, self.late_step = self.late_step, 0
        if self.sampling and not late:
            self.updates.take_fingerprints()
            leaves = [t for r in self.by_hand.leaves if (t := r()) is not None]
            found = [(t, t.grad if gradients is None else gradients.get(id(t))) for t in leaves] if not self.ownership.optimizers else []
            self._hold_by_hand([(t, g) for t, g in found if g is not None and not g.is_sparse])
        self._end_step(late or self.step + 1)

    def _hold_by_hand(self, found: list[tuple[torch.Tensor, torch.Tensor]]) -> None:
        """Leaves with their gradients, as a backward pass leaves them; what the script makes of them is seen later."""
        self.by_hand.hold(self.step, [t for t, _ in found], [g for _, g in found])
        learning = set(map(id, self.by_hand.learning()))
        self.updates.take([(t, g) for t, g in found if id(t) in learning])

    def gradients_asked(self, parameters: Sequence[torch.Tensor]) -> None:
        """`torch.func` is about to be asked for the gradients with respect to these."""
        self.doorway.phase_ends()
        self.phases.begin_training()
        self._changed(self.by_hand.arrive(parameters))
        self.by_hand.held = None

    def gradients_given(self, found: list[tuple[torch.Tensor, torch.Tensor]], places: list[Place], loss: torch.Tensor | None) -> None:
        """They are there, with the loss: that was a step, or where there is an optimizer it is the next to come."""
        if loss is not None and loss.numel() == 1:
            self.loss, self.loss_value = (None, float(loss)) if loss.is_cpu else (loss, None)
        if self.sampling:
            self.step_modes = self.phases.note_modes(list(self.doorway.called.values()) or self.models.roots, "training")
            self.propagation.no_graph()
            if not self.doorway.loss_facts and self.doorway.loss_call is not None:
                self.doorway.note_loss(None)
        if self.ownership.optimizers:
            return
        if self.sampling:
            self.updates.take(found, places)
            self.by_hand.hold(self.step, [p for p, _ in found], [g for _, g in found], places)
        self._end_step(self.step + 1)

    def _end_step(self, count: int) -> None:
        sample = self._sample() if self.sampling else None
        self.step = count
        now = perf_counter()
        spent = self.spent_until(now)
        seconds = now - self._ended - (spent - self._spent_at_end)
        self._ended, self._spent_at_end, self.spent_before = now, spent, self._spent_at_end
        if sample is not None:
            sample.seconds = seconds
        per_step: dict[str, float | torch.Tensor] = {"step.seconds": seconds}
        if self.scaling.used:
            per_step |= self.scaling.end_step()
        if self.loss_value is not None:
            per_step["loss.value"] = self.loss_value
        elif self.loss is not None:
            per_step["loss.value"] = self.loss
        if self.clipped is not None:
            limit, norm = self.clipped
            per_step["clip.norm"] = norm.item() if isinstance(norm, torch.Tensor) and norm.is_cpu else norm
            per_step["clip.limit"] = limit
        per_step |= self.ownership.rates()
        if self.doorway.scoring:
            per_step |= self.doorway.batch_scores()
        self.clipped = None
        if sample is not None:
            self._fresh()
        else:  # nothing else was collected
            self.loss = self.loss_value = self.doorway.loss_call = None
            self.doorway.unbroken = 0
        self.listener.step_done(sample, per_step)
        if self.ownership.cleared and not self.sampling:
            self.ownership.cleared.clear()

    def _sample(self) -> Sample:
        sample = Sample(step=self.step, loss=self.loss_value if self.loss_value is not None else number(self.loss))
        sample.modes = self.step_modes
        rows = iter(landed([*self.propagation.rows(), *self.updates.rows()]))  # one transfer
        arriving, whole = norms(self.propagation.gradients(), self.updates.tensors())  # one fused kernel
        self.propagation.give(sample, rows, arriving, self.scale)
        self.updates.give(sample, rows, whole)
        self.doorway.give(sample, self.updates.optimizers())
        return sample
