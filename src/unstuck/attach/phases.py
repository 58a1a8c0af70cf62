"""Phases without gradients: what the model is given there, how well it answers, and in which mode its layers are."""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from unstuck.attach.held_out import HeldOut, Table
from unstuck.attach.metrics import Score
from unstuck.attach.places import PlaceBook
from unstuck.records import Place

#: Data sets that are told apart at a time. Our choice.
DATASETS = 256


class Phases:
    """Follows the training from one phase into the next; `tell(values, tables)` is called when one without gradients is over."""

    def __init__(self, book: PlaceBook, tell: Callable[[dict[str, float], Sequence[Table]], None]) -> None:
        self._book, self._tell = book, tell
        #: Kind of the training loss; "" = not known yet.
        self.loss_kind = ""
        #: Number of dimensions of the training loss's targets, and whether they are floating point; None = not known.
        self.target_like: tuple[int, bool] | None = None
        self.modes: dict[str, set[str]] = {}
        #: Calls of a dropout function without gradients, by the script's line: those that drop, those that do not.
        self.dropouts: dict[str, list[int]] = {}
        self.validation: Score | None = None
        #: The last outputs without gradients, and the targets that the loader gave with their inputs; None once they are counted.
        self.pending: tuple[torch.Tensor, torch.Tensor | None] | None = None
        #: The outputs in `pending` have been counted.
        self.answered = False
        self.batch_target: torch.Tensor | None = None
        #: Data sets of loaders: by id, a reference and a number (see `_number`).
        self._datasets: dict[int, tuple[weakref.ref[Any] | None, int]] = {}
        self._numbered = 0
        self.train_datasets: set[int] = set()
        self.current_dataset: int | None = None
        self.evaluating_training_data = False
        self.validation_dataset: int | None = None
        self.fresh_dataset: int | None = None
        self.held_out = HeldOut()
        #: The phase gives the model the training set, as a tensor of the script's own.
        self.whole = False
        #: Of the phase without gradients: share of the roots, and of their dropout and batch-norm layers, in training mode.
        self.phase_modes: tuple[float, float] | None = None
        self.count = 0
        #: Optimizer steps of the first whole pass over a training loader; 0 = none was seen yet.
        self.epoch_steps = 0
        self._passes: dict[
            int, tuple[weakref.ref[Any], int]
        ] = {}  # data set -> the iterator that goes through it, the step at its first batch

    def begin_training(self) -> None:
        """A backward pass is about to start: the phase without gradients is over, and the last batch was for training."""
        if self.validation is not None or self.phase_modes is not None:
            with np.errstate(all="ignore"):
                self.end()
        self.fresh_dataset = None
        if self.current_dataset is not None:
            self.train_datasets.add(self.current_dataset)

    def forward(self, module: nn.Module, inputs: torch.Tensor | None, outputs: torch.Tensor | None) -> None:
        """A root module was called without gradients; `inputs` only where it is the one whose training inputs are known."""
        whole = inputs is not None and self.fresh_dataset is None and self.held_out.training_set(inputs)
        if self.validation is not None and (
            (self.fresh_dataset is not None and self.fresh_dataset != self.validation_dataset)
            or (inputs is not None and whole != self.whole)
        ):
            self.end()  # the training set first, then the validation set: two phases
        self.whole = whole if inputs is not None else self.whole and self.validation is not None
        self._settle()
        if self.phase_modes is None:
            self.phase_modes = self.note_modes([module], "validation")
        if inputs is not None and not whole:
            self.held_out.see(inputs, self.fresh_dataset)
        fresh, self.fresh_dataset = self.fresh_dataset, None
        self.validation_dataset = fresh or (self.validation_dataset if self.validation is not None else None)
        if outputs is not None and outputs.is_floating_point():
            if self.validation is None:
                self.validation = Score()
                # Not from a loader since the last step: tensors of the script's own, held out unless their rows are the training rows.
                self.evaluating_training_data = self.whole or (fresh is not None and fresh in self.train_datasets)
            self.pending = (outputs.detach(), self.batch_target)
            self.answered = False

    def note_modes(self, roots: Sequence[nn.Module], phase: str) -> tuple[float, float]:
        """Which layers are in which mode; returns the share in training mode of the roots, and of the layers whose mode matters."""
        layers: list[bool] = []
        for root in roots:
            for module, name in self._book.modal(root):
                layers.append(module.training)
                self._note_mode(f"{phase}.train" if module.training else f"{phase}.eval", name)
            self._note_mode(f"{phase}.root.train" if root.training else f"{phase}.root.eval", self._book.name_of(root) or "")
        return sum(r.training for r in roots) / max(len(roots), 1), sum(layers) / len(layers) if layers else math.nan

    def _note_mode(self, mode: str, name: str) -> None:
        if mode not in self.modes:
            self.modes[mode] = set()
        self.modes[mode].add(name)

    def saw_dropout(self, site: tuple[str | None, int | None], training: bool) -> None:
        """A dropout function was called without gradients, not by a module."""
        if len(self.dropouts) < 64:
            self.dropouts.setdefault(f"{site[0]}:{site[1]}", [0, 0])[not training] += 1

    def saw_loss(self, kind: str, inputs: torch.Tensor, targets: torch.Tensor, result: Any) -> None:
        """A loss function of PyTorch was called without gradients: it tells the targets of the last outputs."""
        if self.pending is None or self.validation is None:
            return
        self.pending = None
        if not self.answered:
            self._count(inputs, targets, kind)
        if isinstance(result, torch.Tensor):
            self.validation.add_loss(result, int(targets.shape[0]) if targets.dim() else 1)

    def saw_comparison(self, left: torch.Tensor, right: torch.Tensor) -> None:
        """The script compares two tensors without gradients: the last outputs, or the answers made of them, with the targets?"""
        if self.pending is None or self.validation is None or self.answered or left.shape != right.shape or not left.numel():
            return
        outputs, kind = self.pending[0], self.loss_kind
        for answers, targets in ((left, right), (right, left)):
            if targets.is_floating_point() and answers.data_ptr() == outputs.data_ptr() and answers.numel() == outputs.numel():
                self._count(outputs.reshape(targets.shape), targets, kind)
            elif not targets.is_floating_point() and answers.numel() < outputs.numel() == answers.numel() * outputs.shape[-1]:
                if not torch.equal(answers.reshape(-1), outputs.argmax(-1).reshape(-1)):
                    continue
                self._count(outputs.reshape(-1, outputs.shape[-1]), targets.reshape(-1), kind)
            elif outputs.numel() == answers.numel() and targets.dtype != torch.int64:
                limit = 0.0 if kind == "bce-with-logits" else 0.5
                if not torch.equal(answers.reshape(-1).float(), (outputs.reshape(-1) > limit).float()):
                    continue
                self._count(outputs.reshape(targets.shape), targets.to(outputs.dtype), kind)
            else:
                continue
            self.answered = True
            return

    def _count(self, outputs: torch.Tensor, targets: torch.Tensor, kind: str) -> None:
        """Count a batch of answers in."""
        assert self.validation is not None
        self.validation.add(outputs, targets, kind)
        self.held_out.answer(targets)

    def _settle(self) -> None:
        """Count the last validation batch by the loader's own targets, where neither a loss function nor the script's comparison told them."""
        if self.pending is not None and self.validation is not None and not self.answered:
            outputs, targets = self.pending
            # An autoencoder is not trained on the classes that the loader gives beside its inputs.
            wanted = targets is not None and self.target_like in (None, (targets.dim(), targets.is_floating_point()))
            if targets is not None and wanted and targets.shape[:1] == outputs.shape[:1]:
                self._count(outputs, targets, self.loss_kind)
        self.pending = None

    def end(self) -> None:
        """Gradients are recorded again: the phase without them is over."""
        self._settle()
        values: dict[str, float] = {}
        classes: list[int] = []
        shares: list[float] = []
        recalls: list[float] = []
        if self.validation is not None:
            values = {} if self.evaluating_training_data else self.validation.values()
            classes, shares, recalls = self.validation.by_class() if values else ([], [], [])
            if values:
                renamed = self.validation.renamed()
                values |= self.validation.target_moments() | ({} if renamed is None else {"renamed_accuracy": renamed})
            self.validation = None
        modes, self.phase_modes = self.phase_modes, None
        if modes is None:
            return
        self.count += 1
        held_out, tables = ({}, []) if self.whole else self.held_out.done()
        if self.count <= 64 or self.count % 16 == 0 or values:
            if classes:
                places = tuple(Place(name=f"target[{i}]", kind="class") for i in classes)
                tables = [*tables, ("validation.class_share", places, shares), ("validation.class_recall", places, recalls)]
            values |= held_out | {"root_mode": modes[0]} | ({"mode_share": modes[1]} if modes[1] == modes[1] else {})
            self._tell(values, tables)

    def fetched(self, iterator: Any, batch: Any, step: int) -> None:
        """A data loader gave a batch at this optimizer step."""
        self.current_dataset = self.fresh_dataset = self._number(getattr(iterator, "_dataset", None))
        self._note_pass(iterator, self.current_dataset, step)
        target = batch[-1] if isinstance(batch, (tuple, list)) and len(batch) > 1 else None
        if isinstance(batch, dict):
            target = next((batch[k] for k in ("labels", "label", "targets", "target", "y") if k in batch), None)
        self.batch_target = target if isinstance(target, torch.Tensor) else None

    def _number(self, dataset: Any) -> int:
        """A number of its own for every data set, from 1 on; an id would be that of a new one once the old one is gone."""
        known = self._datasets.get(id(dataset))
        if known is not None and (known[0] is None or known[0]() is dataset):
            return known[1]
        try:
            reference = weakref.ref(dataset)
        except TypeError:  # a list
            reference = None
        self._numbered += 1
        if len(self._datasets) >= DATASETS:  # one for every epoch
            self._datasets.pop(next(iter(self._datasets)))
        self._datasets[id(dataset)] = reference, self._numbered
        return self._numbered

    def _note_pass(self, iterator: Any, dataset: int, step: int) -> None:
        """A new iterator over a data set that was trained on: the pass before it is complete."""
        known = self._passes.get(dataset)
        if known is not None and known[0]() is iterator:
            return
        if known is not None and not self.epoch_steps and dataset in self.train_datasets:
            self.epoch_steps = step - known[1]
        if len(self._passes) < 64 or known is not None:
            self._passes[dataset] = (weakref.ref(iterator), step)

    def notes(self) -> dict[str, Any]:
        """Exact observations for `Facts.notes`."""
        dropping = [site for site, (on, off) in self.dropouts.items() if on and not off]
        return {
            **{f"modes.{k}": sorted(v) for k, v in self.modes.items()},
            **({"validation.dropouts": dropping} if dropping else {}),
            "validation.phases": self.count,
        }
