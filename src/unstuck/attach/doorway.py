"""The door of the network: what went in, what came out, and what was wanted."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from unstuck.attach import graph, loss_graph
from unstuck.attach.excerpts import batches, first_tensor, number
from unstuck.attach.layouts import Layouts
from unstuck.attach.metrics import Score
from unstuck.attach.phases import Phases
from unstuck.attach.places import PlaceBook
from unstuck.training import Sample

#: Losses against classes.
CLASSIFYING = ("cross-entropy", "nll", "bce", "bce-with-logits")
#: Those that measure a distance in the targets' own unit.
MEASURING = ("mse", "l1", "smooth-l1", "huber")
#: Names of arguments by which libraries hand a model its batch, and those of what is wanted of it.
BATCHES, WANTED = ("input_ids", "pixel_values", "inputs", "x"), ("labels", "label", "targets", "target", "y")
#: Operations between two models that are looked through.
FEEDING = 8
#: In a long unbroken row of samples, the rows of every such batch are remembered, and then those of every so-manieth. Our choice.
DOOR_DENSE, DOOR_GAP = 20, 4


class Doorway:
    """Collects the batch of a sampled step, from the models' own calls, the loss function, or the script's own comparison."""

    def __init__(self, book: PlaceBook, phases: Phases, layouts: Layouts) -> None:
        self._book, self._phases, self._layouts = book, phases, layouts
        #: The model whose inputs are in `inputs`.
        self._input_root: nn.Module | None = None
        #: `inputs` are all that their model is given; None before the first.
        self.single_input: bool | None = None
        #: Which argument of a model is taken for its inputs.
        self._entrances: dict[int, int] = {}
        #: Ids of models whose outputs another one is given: they answer nothing.
        self._feeding: set[int] = set()
        #: Those called without gradients, by id, with their inputs, until one is called that answers.
        self._fed: dict[int, tuple[nn.Module, torch.Tensor | None]] = {}
        #: See `records.LossFacts`; empty until the loss of a sampled step is known.
        self.loss_facts: dict[str, Any] = {}
        #: Dimensions of the softmaxes right in front of a negative log-likelihood.
        self.softmax_dims: list[int] = []
        #: Smallest and largest label of a margin loss by hand.
        self.margin_labels: list[float] = []
        #: The loss of the last sampled step came from a loss function of PyTorch's, so nobody need look how the script compares tensors.
        self._loss_from_function = False
        #: Every training batch is scored at its loss function, not only the sampled ones (arms that are judged by that).
        self.scoring = False
        self._batch: tuple[str, Score] | None = None
        #: Fewest and most calls of the model in one sampled step (`forward.calls`); empty before the first.
        self.calls: list[int] = []
        #: Neighbouring steps that were sampled up to this one.
        self.unbroken = 0
        self.forget()

    def forget(self) -> None:
        """Forget the step."""
        self.inputs: torch.Tensor | None = None
        self._outputs: torch.Tensor | None = None
        #: Kind ("" = the script's own comparison), answers, targets, settings and the user's line.
        self.loss_call: tuple[str, torch.Tensor, torch.Tensor, dict[str, Any], tuple[str, int] | None] | None = None
        self._data_loss: torch.Tensor | None = None
        #: Its node until the backward pass begins, and what it counts in what is differentiated (a mean over samples by hand, a part of a sum).
        self._data_node: graph.Node | None = None
        self._data_factor = 1.0
        #: What terms of parameters alone add to a loss that is written by hand.
        self._penalty: float | None = None
        #: Outputs and targets of a regression beside the loss that is scored.
        self._other: tuple[torch.Tensor, torch.Tensor] | None = None
        #: Calls of the model, and of loss functions.
        self._calls = self._losses = 0
        #: Models that were called, by id, and by the nodes of what they gave.
        self.called: dict[int, nn.Module] = {}
        self._gave: dict[graph.Node, int] = {}

    def release(self) -> None:
        """Hold no model any more."""
        self._input_root, self._fed = None, {}

    # ------------------------------------------------------------------------------------------------ in and out

    def forward(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any, sampled: bool) -> None:
        """One of the models has given its output, in a step that is sampled or not."""
        given = args or tuple([kwargs[k] for k in (*BATCHES, *kwargs) if k in kwargs and k not in WANTED])
        inputs, outputs = self._entrance(module, given), first_tensor(output)
        inputs, outputs = (None if t is not None and t.is_nested else t for t in (inputs, outputs))
        if torch.is_grad_enabled():
            if sampled and inputs is not None and outputs is not None:
                if inputs.grad_fn is not None:
                    self._note_feeding(module, inputs.grad_fn)
                if self.inputs is None or self._input_root is module:  # the door is that of the first of several models
                    self._calls += 1
                    # What it made itself before (a rollout) does not come in from outside.
                    if self.inputs is None or inputs.grad_fn is None:
                        self.inputs, self._input_root = inputs.detach(), module
                        self.single_input = len(given) == 1 and given[0] is inputs
                        self._layouts.entered(inputs)
                self._outputs = outputs.detach()
                self.called[id(module)] = module
                if outputs.grad_fn is not None:
                    self._gave[outputs.grad_fn] = id(module)
            return
        self._fed[id(module)] = module, inputs if module is self._input_root else None
        if id(module) not in self._feeding:
            fed, self._fed = list(self._fed.values()), {}
            if len(fed) > 1 and self._phases.phase_modes is None:
                self._phases.phase_modes = self._phases.note_modes([m for m, _ in fed], "validation")
            self._phases.forward(module, next((t for _, t in fed if t is not None), None), outputs)

    def phase_ends(self) -> None:
        """What was called last without gradients was given to no other model after all."""
        fed, self._fed = self._fed, {}
        for module, inputs in fed.values():
            self._phases.forward(module, inputs, None)

    def _note_feeding(self, module: nn.Module, node: graph.Node) -> None:
        """A model is given what has this node: did another one make it, a few operations before?"""
        for _ in range(FEEDING):
            if node is None or node in self._gave:
                break
            node = next((f for f, _ in node.next_functions if f is not None), None)
        maker = self._gave.get(node)
        if maker is not None and maker != id(module):
            self._feeding.add(maker)

    def _entrance(self, module: nn.Module, args: tuple[Any, ...]) -> torch.Tensor | None:
        """What enters a model: its first tensor, or the first that is not the same number everywhere (an initial state of zeros)."""
        chosen = self._entrances.get(id(module))
        if chosen is None or chosen >= len(args):
            tensors = [i for i, a in enumerate(args) if isinstance(a, torch.Tensor) and a.layout is torch.strided and a.numel()]
            varied = (i for i in tensors if len(tensors) > 1 and args[i].is_cpu and bool((args[i] != args[i].reshape(-1)[0]).any()))
            chosen = self._entrances[id(module)] = next(varied, 0)
        return first_tensor(args[chosen:])

    # ------------------------------------------------------------------------------------------------ what was wanted

    def saw_loss(
        self,
        kind: str,
        inputs: torch.Tensor,
        targets: torch.Tensor,
        result: Any,
        settings: dict[str, Any],
        site: Any,
        sampled: bool,
        asked: bool = False,
    ) -> None:
        """A loss function of PyTorch was called; `asked`: inside a transform that differentiates it."""
        if not isinstance(inputs, torch.Tensor) or not isinstance(targets, torch.Tensor):
            return
        if torch.is_grad_enabled() and (asked or inputs.requires_grad):
            if self.scoring:
                self._score(kind, inputs, targets)
            self._losses += 1
            if sampled or not self.loss_facts:
                several = self.loss_call is not None and self.loss_call[0] != ""
                # What is left of a sum of several losses is no penalty; and of those, the one that compares with classes is scored.
                self._data_loss = result.detach() if not several and isinstance(result, torch.Tensor) and result.numel() == 1 else None
                self._data_node = result.grad_fn if sampled and self._data_loss is not None else None
                newest = (kind, inputs.detach(), targets.detach(), settings, site)
                aside = self.loss_call if several else None
                if aside is not None and aside[0] in CLASSIFYING and kind not in CLASSIFYING:
                    aside, newest = newest, aside
                if aside is not None and aside[0] in MEASURING:
                    self._other = aside[1:3]
                self.loss_call = newest
            return
        self._phases.saw_loss(kind, inputs, targets, result)

    def _score(self, kind: str, inputs: torch.Tensor, targets: torch.Tensor) -> None:
        """Count what a loss function compares into the step's score; of several losses the one that compares with classes."""
        if self._batch is None or (kind in CLASSIFYING and self._batch[0] not in CLASSIFYING):
            self._batch = kind, Score(pooled=True)
        if self._batch[0] == kind:
            self._batch[1].add(inputs, targets, kind)

    def batch_scores(self) -> dict[str, float]:
        """Of the batches of one step, by the names of their signals."""
        if self._batch is None:
            return {}
        score, self._batch = self._batch[1], None
        found = score.values() | {k: v for k, v in (("recall", score.recall()),) if v is not None}
        return {f"batch.{name}": value for name, value in found.items()}

    @property
    def awaits_comparison(self) -> bool:
        """There are outputs (of a sampled step, or of a phase without gradients) whose targets have not been seen yet."""
        if torch.is_grad_enabled() and self._phases.pending is None:
            return self._outputs is not None and self.loss_call is None and not self._loss_from_function
        return self._phases.pending is not None and not self._phases.answered

    def saw_comparison(self, left: torch.Tensor, right: torch.Tensor, asked: bool = False) -> None:
        """The script compares two tensors after a forward pass: its outputs, or the answers made of them, with the targets?"""
        if self._phases.pending is None and self._outputs is not None and left.is_floating_point():
            for outputs, targets in ((left, right), (right, left)):
                own = outputs.data_ptr() == self._outputs.data_ptr() and (asked or outputs.requires_grad)
                if own and not targets.requires_grad:
                    if outputs.numel() == targets.numel() == self._outputs.numel() and targets.is_floating_point():
                        self.loss_call = ("", outputs.detach(), targets.detach(), {}, None)
                    return
            return
        self._phases.saw_comparison(left, right)

    def weigh(self, root: graph.Node | None, saved_tensor_hooks: bool) -> None:
        """`root` is about to be differentiated: what does the loss function's value count in it?"""
        self._gave.clear()  # no graph is held longer than the script does
        node, self._data_node = self._data_node, None
        if root is not None and not saved_tensor_hooks and not self.loss_facts:
            self.margin_labels = loss_graph.margin_labels(root)
        if node is not None and root is not None and not saved_tensor_hooks:
            found = loss_graph.factor(root, node)
            self._data_factor = 1.0 if found is None else found
        by_hand = self.loss_call is None or not self.loss_call[0]
        self._penalty = loss_graph.penalty(root) if root is not None and by_hand and not saved_tensor_hooks else None

    def note_loss(self, node: graph.Node | None) -> None:
        """Learn what loss this is: from the head of its graph, and the call of a loss function in this step."""
        signature = loss_graph.head(node) if node is not None else ()
        kind = loss_graph.loss_kind(signature)
        facts: dict[str, Any] = {"signature": signature, "kind": kind, "reduction": "mean", "input_shape": (), "target_shape": ()}
        facts["file"] = facts["line"] = None
        if self.loss_call is not None:
            called, inputs, targets, settings, site = self.loss_call
            if called and (kind in ("unknown", called) or called in ("cross-entropy", "l1")):
                facts["kind"] = called
            facts |= {
                "reduction": settings.get("reduction", "mean"),
                "input_shape": tuple(inputs.shape),
                "target_shape": tuple(targets.shape),
            }
            facts["file"], facts["line"] = self._book.relative(site)
        self.loss_facts = facts
        self.softmax_dims = loss_graph.softmax_dims(node) if node is not None else []
        self._phases.loss_kind = facts["kind"]
        if self.loss_call is not None:
            self._phases.target_like = (self.loss_call[2].dim(), self.loss_call[2].is_floating_point())

    # ------------------------------------------------------------------------------------------------ the sample

    def give(self, sample: Sample, stepped: list[int]) -> None:
        """Put the batch into the sample; `stepped`: indices of the optimizers that made the step."""
        self.unbroken += 1
        if self._calls:
            self.calls = [min([self._calls, *self.calls]), max([self._calls, *self.calls])]
        answers, targets, kind = None, self._phases.batch_target, ""
        self._loss_from_function = self.loss_call is not None and bool(self.loss_call[0])
        if self.loss_call is not None:
            kind, answers, targets = self.loss_call[:3]
            data_loss = number(self._data_loss)
            sample.data_loss = None if data_loss is None else data_loss * self._data_factor
        if self._penalty is not None and sample.loss is not None:
            sample.data_loss = sample.loss - self._penalty
        self._penalty = None
        sample.loss_kind = kind or self.loss_facts.get("kind", "unknown")
        sample.loss_inputs, sample.targets, sample.outputs, sample.inputs = batches([answers, targets, self._outputs, self.inputs])
        if self._other is not None:
            sample.other_outputs, sample.other_targets = batches(self._other)
        if self.inputs is not None and sample.inputs is not None:
            sample.batch_size = self.inputs.shape[0] if self.inputs.dim() else 0
            sample.input_dtype = str(self.inputs.dtype).removeprefix("torch.")
            if self.unbroken <= DOOR_DENSE or self.unbroken % DOOR_GAP == 0:
                wanted = sample.targets if self.single_input else None
                sample.repeated = self._phases.held_out.train(sample.inputs, wanted, stepped, self._losses > max(self._calls, 1))
                sample.blank = self._phases.held_out.blank
        self._layouts.end_step(sample.inputs, sample.targets)
