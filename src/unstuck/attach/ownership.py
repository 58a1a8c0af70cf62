"""Which optimizer holds which parameters, which parameters the graph reaches, and whether the gradients between them were cleared."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from unstuck.attach import data_flow, graph
from unstuck.attach.models import Models
from unstuck.attach.places import PlaceBook
from unstuck.records import Place

#: Groups of an optimizer whose learning rate is followed.
GROUPS = 16
#: Parameters that are remembered to have been reached.
REACHED = 20_000


class Ownership:
    """The optimizers of a training (never kept alive), and what they hold."""

    def __init__(self, models: Models, book: PlaceBook) -> None:
        self._models, self._book = models, book
        self.optimizers: list[weakref.ref[Optimizer]] = []
        #: For each of them: class, settings of the first group, number of groups, the user's line that made it.
        self.facts: list[tuple[str, dict[str, Any], int, tuple[str | None, int | None]]] = []
        #: Steps by the id of the optimizer.
        self.counts: dict[int, int] = {}
        #: For each optimizer: have its gradients been cleared since it last stepped? Not known while nobody watched.
        self.cleared: dict[int, bool] = {}
        #: Norm of the gradients that were there when the backward pass began, of optimizers whose gradients have not been cleared.
        self.leftover: dict[int, torch.Tensor] = {}
        #: Parameters that a sampled backward pass reached, and those that an optimizer was ever given, by id.
        self.reached: weakref.WeakValueDictionary[int, torch.Tensor] = weakref.WeakValueDictionary()
        self._optimized: weakref.WeakValueDictionary[int, torch.Tensor] = weakref.WeakValueDictionary()
        #: Index of the optimizer that last had it, for the parameters in `_optimized`.
        self._owner: dict[int, int] = {}
        #: For each optimizer: number of parameters, naming of the layers (`PlaceBook.naming`), parameters, their places.
        self._held: dict[int, tuple[int, int, list[torch.Tensor], list[Place]]] = {}
        #: For each optimizer: the list of parameters that it was last noted to own.
        self._noted: dict[int, list[torch.Tensor]] = {}
        #: Parameters of no model and no optimizer that lie between learning ones in the graph.
        self._between = 0
        #: Parameters seen so far that get a gradient and are in no optimizer; lines that made those of no model.
        self._loose = 0
        self._made_at: dict[str, None] = {}
        #: Those of no model whose layers a model calls in its own forward pass.
        self._inside = 0

    # ------------------------------------------------------------------------------------------------ optimizers

    def know(self, optimizer: Optimizer, site: tuple[str, int] | None, step: int) -> None:
        """A new optimizer, after so many steps: learn the models that own its parameters."""
        if any(o() is optimizer for o in self.optimizers):
            return
        self.optimizers.append(weakref.ref(optimizer))
        for table in (self.cleared, self.leftover, self._held, self._noted):  # what is there is of one that is gone and had the same id
            table.pop(id(optimizer), None)
        plain = {k: v for k, v in optimizer.param_groups[0].items() if isinstance(v, (int, float, bool)) and k != "params"}
        betas = optimizer.param_groups[0].get("betas")
        if isinstance(betas, (tuple, list)) and len(betas) == 2 and all(isinstance(b, float) for b in betas):
            plain |= {"beta1": betas[0], "beta2": betas[1]}
        self.facts.append((type(optimizer).__name__, plain, len(optimizer.param_groups), self._book.relative(site)))
        parameters = [p for g in optimizer.param_groups for p in g["params"]]
        self._note_owner(parameters, len(self.optimizers) - 1)
        # One that takes over from another goes on counting where that one stands; two that step in turns were made before the first step.
        self.counts[id(optimizer)] = step
        self._models.learn(parameters)
        self._book.name_parameters(parameters)

    def _note_owner(self, parameters: Sequence[torch.Tensor], index: int) -> None:
        self._optimized.update({id(p): p for p in parameters})
        self._owner.update(dict.fromkeys(map(id, parameters), index))

    def live(self) -> list[Optimizer]:
        """The optimizers that still exist."""
        return [o for r in self.optimizers if (o := r()) is not None]

    def of(self, optimizer: Optimizer) -> tuple[list[torch.Tensor], list[Place]]:
        """The parameters of an optimizer, and their places; the same lists as long as neither has changed."""
        count = sum(len(g["params"]) for g in optimizer.param_groups)
        known = self._held.get(id(optimizer))
        if known is None or known[0] != count or known[1] != self._book.naming:
            parameters = [p for g in optimizer.param_groups for p in g["params"]]
            known = self._held[id(optimizer)] = (count, self._book.naming, parameters, self._book.parameter_places(parameters))
        return known[2], known[3]

    def holds(self, tensors: Sequence[torch.Tensor]) -> bool:
        """These are parameters of optimizers, or the same memory (detached for `torch.func`)."""
        own = {p.data_ptr() for o in self.live() for p in self.of(o)[0]}
        return bool(tensors) and all(t.data_ptr() in own for t in tensors)

    def renew(self, optimizer: Optimizer, parameters: list[torch.Tensor]) -> bool:
        """An optimizer is about to step: have its parameters (`of`) changed since it was last looked at?"""
        if self._noted.get(id(optimizer)) is parameters:
            return False
        self._noted[id(optimizer)] = parameters
        self._note_owner(parameters, next(i for i, o in enumerate(self.optimizers) if o() is optimizer))
        return True

    def owners(self) -> dict[int, int]:
        """Id of every parameter that an optimizer was ever given -> index of the one that has it, or had it last."""
        found = {i: self._owner[i] for i in list(self._optimized) if i in self._owner}
        for i, reference in enumerate(self.optimizers):
            optimizer = reference()
            for group in optimizer.param_groups if optimizer is not None else []:
                found.update({id(p): i for p in group["params"]})
        return found

    def rates(self) -> dict[str, float | torch.Tensor]:
        """`lr.value` of the first group, and with several groups `lr.group` of each (up to `GROUPS`), at the place "optimizer.group"."""
        if len(self.optimizers) == 1 and (optimizer := self.optimizers[0]()) is not None and len(optimizer.param_groups) == 1:
            lr = optimizer.param_groups[0].get("lr", 0.0)
            return {"lr.value": lr if type(lr) is float else rate(optimizer.param_groups[0])}
        groups = [(f"{i}.{j}", g) for i, o in enumerate(self.live()) for j, g in enumerate(o.param_groups[:GROUPS])]
        if not groups:
            return {}
        rates = {"lr.value": rate(groups[0][1])}
        if len(groups) > 1:
            rates |= {f"lr.group@{name}": rate(group) for name, group in groups[:GROUPS]}
        return rates

    # ------------------------------------------------------------------------------------------------ gradients

    def look_for_leftovers(self) -> None:
        """Look whether the gradients of optimizers that have stepped were cleared since (a GAN clears its two at different times)."""
        for optimizer in self.live():
            if self.cleared.get(id(optimizer)) is False:
                found = [p.grad for p in self.of(optimizer)[0] if p.grad is not None and not p.grad.is_sparse]
                norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(found)).float()) if found else None
                if norm is None or float(norm) == 0.0:
                    self.cleared[id(optimizer)] = True
                else:
                    self.leftover[id(optimizer)] = norm

    def reach(self, nodes: list[graph.Node], leaves: Sequence[torch.Tensor]) -> None:
        """A graph reaches these leaves: do some get a gradient and are in no optimizer?"""
        if len(self.reached) < REACHED:
            self.reached.update({id(p): p for p in leaves if isinstance(p, nn.Parameter)})
            loose = {id(p) for p in self.reached.values() if id(p) not in self._optimized}
            if len(loose) > self._loose:
                self._loose = len(loose)
                self._note_loose(nodes, loose)

    def _note_loose(self, nodes: list[graph.Node], loose: set[int]) -> None:
        """Parameters that get a gradient and are in no optimizer: of a module that came later (a new head), or of no model."""
        known = set(map(id, self._models.parameters()))
        if loose & known:
            self._models.name_again()
        if loose - known:
            met = [self._book.strangers[i] for i in loose - known if i in self._book.strangers]
            self._made_at |= {f"{file}:{line}": None for file, line in sorted({site for site, _ in met if site[0]})}
            self._inside = max(self._inside, sum(inside for _, inside in met))
            self._between = data_flow.between(nodes, self._optimized, loose - known)

    def notes(self) -> dict[str, Any]:
        """Exact observations for `Facts.notes`."""
        known: dict[int, str] = {}
        for root in self._models.roots:
            parameters = list(root.parameters())
            known |= {id(p): place.name for p, place in zip(parameters, self._book.parameter_places(parameters), strict=True)}
        orphans = [known.get(i, f"parameter {list(p.shape)}") for i, p in list(self.reached.items()) if i not in self._optimized]
        return {
            "parameters.orphans": orphans[:200],
            "parameters.between": self._between,
            "parameters.inside": self._inside,
            "parameters.made_at": list(self._made_at)[:20],
        }


def rate(group: dict[str, Any]) -> float | torch.Tensor:
    """Learning rate of a group; one that lies on an accelerator is copied there, and read later."""
    lr = group.get("lr", 0.0)
    return lr.detach().clone() if isinstance(lr, torch.Tensor) and lr.device.type != "cpu" else float(lr)
