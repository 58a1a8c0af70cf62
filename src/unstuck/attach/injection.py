"""Puts remedies into a running script, at the moments when they can still be put in, and knows afterwards whether they were.

The main point is the optimizer's constructor, before the original: the model exists, and parameters may still be added. A script without
an optimizer is treated when the first training batch enters a model. A remedy that cannot be applied ends the arm (`RemedyFailed`), and
what went wrong stays in `errors` even where the script swallows the exception: an untreated arm must never count as a treated one.
"""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_pre_hook
from torch.optim import Optimizer
from torch.optim.optimizer import register_optimizer_step_pre_hook

from unstuck.attach.discovery import ModuleSites, model_names, roots_of
from unstuck.attach.parameter_groups import add_parameter, materialised, nearest_group, parameters_in
from unstuck.attach.step_hooks import wrap_step
from unstuck.attach.streams import RandomStreams
from unstuck.errors import UnstuckError
from unstuck.plugins import Change
from unstuck.records import Facts
from unstuck.training import Training

#: Structure before weights (a new layer is initialised too), the rest in the order given.
_PHASES = {"model": 0, "weights": 1}


class RemedyFailed(UnstuckError):
    """A remedy could not be applied; the arm is not a treated arm."""


class Injection:
    """Remedies for one run of a script, from `install` to `uninstall`."""

    def __init__(self, remedies: Sequence[Change], facts: Facts | None, seed: int) -> None:
        self.remedies = sorted(remedies, key=lambda r: _PHASES.get(r.touches, 2))
        #: Everything found so far: all models, all optimizers.
        self.training = Training([], facts=facts, seed=seed)
        #: Why the arm is not a treated one.
        self.errors: list[str] = self.training.failures
        #: Nothing speaks against a remedy: it only cannot be put into this script as it runs.
        self.out_of_reach = False
        self._streams: RandomStreams | None = None
        # The modules made since `install` spare the search of the heap (70-190 ms), except for copied and unpickled models.
        self._made = ModuleSites()
        #: One Training per optimizer (its models, itself), with the remedies applied to it; the first is for moment "start".
        self._views: list[Training] = []
        self._applied: list[tuple[Change, Training]] = []
        self._steps: dict[int, int] = {}
        self._pending: list[torch.nn.Parameter] = []
        self._original: Callable[..., None] | None = None
        self._handles: list[Any] = []
        self._busy = False
        #: Ids of the modules that a script without an optimizer has been treated in, or that have nothing to treat.
        self._seen: set[int] = set()

    # ------------------------------------------------------------------------------------------------ on and off

    def install(self) -> None:
        """Apply what is applied before the script, and wait for the optimizer. Before the script's first import."""
        start = self._of("start")
        if start:
            self._apply(start, self.training)
        self._made.install()
        original: Callable[..., None] = Optimizer.__init__
        self._original = original

        def __init__(optimizer: Optimizer, params: Any, defaults: dict[str, Any]) -> None:
            self._construct(original, optimizer, params, defaults)

        functools.update_wrapper(__init__, original)
        Optimizer.__init__ = __init__  # type: ignore[method-assign, assignment]
        self._handles.append(register_optimizer_step_pre_hook(self._count))
        facts = self.training.facts
        if self._of("build") and (facts is None or all(o.by_hand for o in facts.optimizers)):
            self._handles.append(register_module_forward_pre_hook(self._without_optimizer))

    def split_random_streams(self) -> None:
        """Give the data loaders a random stream of their own until `uninstall` (see `streams.py`)."""
        self._streams = RandomStreams(self.training.seed)
        self._streams.install()

    def validated(self, scores: Mapping[str, float]) -> None:
        """A validation is over: remedies that wait for one are told."""
        for view in (self.training, *self._views):
            for call in view.on_validation:
                call(scores)

    def uninstall(self) -> None:
        """Take back every patch and hook, newest first; the models that were treated stay as they are."""
        if self._streams is not None:
            self._streams.uninstall()
            self._streams = None
        while self._handles:
            self._handles.pop().remove()
        if self._original is not None:
            Optimizer.__init__ = self._original  # type: ignore[method-assign]
            self._original = None
            self._made.uninstall()
        for view in reversed(self._views):
            view.undo()
        self.training.undo()

    def in_force(self) -> bool | None:
        """After the last step: False where a remedy says that it is gone, was never applied, or failed; None where none can tell."""
        if self._pending:
            self._fail(f"{len(self._pending)} new parameters were given to no optimizer; without one, only changes in place are possible.")
        for remedy in self.remedies:
            if not any(applied is remedy for applied, _ in self._applied) and not self.errors:
                self.out_of_reach = True
                self._fail(f"{remedy.id}: was never applied; no optimizer was built and no model was trained.")
        if self.errors:
            return False
        # An optimizer that was built and thrown away says nothing about the one that is used.
        busy = [(r, t) for r, t in self._applied if t is self.training or any(self._steps.get(id(o)) for o in t.optimizers)]
        answers = [remedy.in_force(view) for remedy, view in busy or self._applied]
        return False if False in answers else True if True in answers else None

    # ------------------------------------------------------------------------------------------------ applying

    def _of(self, *moments: str) -> list[Change]:
        return [r for r in self.remedies if r.moment in moments]

    def _fail(self, message: str) -> None:
        if message not in self.errors:
            self.errors.append(message)

    def _apply(self, remedies: Sequence[Change], view: Training) -> None:
        self._busy = True
        try:
            for remedy in remedies:
                try:
                    remedy.apply(view)
                except Exception as error:
                    kind = "" if isinstance(error, UnstuckError) else f"{type(error).__name__}: "
                    message = f"{remedy.id}: {kind}{error}"
                    self._fail(message)
                    raise RemedyFailed(message) from error
                self._applied.append((remedy, view))
        finally:
            self._busy = False

    def _view(self, models: list[nn.Module]) -> Training:
        """A Training for these models alone; failures are kept in one place."""
        facts = self.training.facts
        several = facts is not None and len(facts.models) > 1
        view = Training(models, seed=self.training.seed, facts=facts, failures=self.errors)
        # As the watched run named them: one after another, and another one at the end where there were several.
        known = len(self.training.models)
        together = model_names([*self.training.models, *models, *models])[known : known + len(models)]
        view.names = together if several else [model_names([m])[0] for m in models]
        self._views.append(view)
        self.training.models.extend(models)
        self.training.names = model_names(self.training.models)
        return view

    def _construct(self, original: Callable[..., None], optimizer: Optimizer, params: Any, defaults: dict[str, Any]) -> None:
        if self._busy or isinstance(params, torch.Tensor):
            original(optimizer, params, defaults)
            return
        groups = materialised(params)
        given = [p for group in groups for p in parameters_in(group["params"])]
        wrapped = self._wraps_known(groups)
        known = {id(m) for m in self.training.models}
        view = self._view([root for root in roots_of(given, self._made.alive()) if id(root) not in known])
        if view.models:
            self._refuse_copies(view)
            self._apply(self._of("build"), view)
        self._hand_over(groups, view)
        original(optimizer, groups, defaults)
        self.training.optimizers.append(optimizer)
        view.optimizers.append(optimizer)
        if not wrapped:
            view.models[:] = view.models or self.training.models
            self._apply(self._of("ready"), view)

    def _refuse_copies(self, view: Training) -> None:
        """A target network or a moving average that was copied from a model before now would stay as it is, and be compared with it."""
        changing = [r for r in self._of("build") if r.touches in ("model", "data", "loss")]
        if changing and any(has_copy(model) for model in view.models):
            message = f"{changing[0].id}: The script made a copy of the model before the optimizer; the copy would stay untreated."
            self.out_of_reach = True
            self._fail(message)
            raise RemedyFailed(message)

    def _wraps_known(self, groups: list[dict[str, Any]]) -> bool:
        """An optimizer around another one holds the very same groups; settings must not be changed twice."""
        mine = {id(group) for optimizer in self.training.optimizers for group in optimizer.param_groups}
        return bool(groups) and all(id(group) in mine for group in groups)

    def _hand_over(self, groups: list[dict[str, Any]], view: Training) -> None:
        """Put new parameters into the group that trains the module they belong to, else into the first one."""
        known = {id(p) for group in groups for p in parameters_in(group["params"])}
        known |= {id(p) for o in self.training.optimizers for group in o.param_groups for p in group["params"]}
        for parameter in [*self._pending, *view.new_parameters]:
            if id(parameter) not in known and groups:
                add_parameter(nearest_group(view.models or self.training.models, parameter, groups), parameter)
                known.add(id(parameter))
        self._pending.clear()
        view.new_parameters.clear()

    def _count(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        """Before every step; parameters that a remedy made at the first forward pass arrive here, before they are first used."""
        self._steps[id(optimizer)] = self._steps.get(id(optimizer), 0) + 1
        for view in self._views:
            if view.new_parameters and view.optimizers:
                _adopt(view)

    def _without_optimizer(self, module: nn.Module, args: Any) -> Any:
        """The first training batch enters a module that nobody has treated: there may be no optimizer at all."""
        if self._busy or not module.training or not torch.is_grad_enabled() or self.training.optimizers or id(module) in self._seen:
            return None
        if torch._C._functorch.peek_interpreter_stack() is not None:
            self.out_of_reach = True
            self._fail("The model is called inside a functional transform (torch.func), where its parameters cannot be changed in place.")
            return None
        parameters = list(module.parameters())
        roots = roots_of(parameters, self._made.alive()) if parameters else []
        known = {id(m) for m in self.training.models}
        view = self._view([root for root in roots if id(root) not in known])
        self._seen |= {id(m) for root in [module, *roots] for m in root.modules()}
        if not view.models:
            return None
        before = set(module._forward_pre_hooks)
        self._apply(self._of("build"), view)
        self._pending.extend(view.new_parameters)
        view.new_parameters.clear()
        return self._run_late_hooks(module, args, before)

    @staticmethod
    def _run_late_hooks(module: nn.Module, args: Any, before: set[int]) -> Any:
        """The hooks of a pass are fixed when it starts: those that were registered during it are run here, this once."""
        for number, hook in list(module._forward_pre_hooks.items()):
            if number not in before:
                with_kwargs = number in module._forward_pre_hooks_with_kwargs
                answer = hook(module, args, {}) if with_kwargs else hook(module, args)
                if answer is not None:
                    args = answer[0] if with_kwargs else answer
        return args


def treat(training: Training, remedies: Sequence[Change]) -> None:
    """Apply remedies to a Training that is complete already (a recipe's), in the order of their moments."""
    for moment in ("start", "build", "ready"):
        for remedy in sorted((r for r in remedies if r.moment == moment), key=lambda r: _PHASES.get(r.touches, 2)):
            remedy.apply(training)
            _adopt(training)

    def around(inner: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        _adopt(training)  # what a remedy made at the first forward pass
        return inner(*args, **kwargs)

    if training.optimizers:
        wrap_step(training, training.optimizer, around)


def _adopt(training: Training) -> None:
    """Give new parameters to the first optimizer, where none holds them."""
    known = {id(p) for o in training.optimizers for group in o.param_groups for p in group["params"]}
    for parameter in training.new_parameters if training.optimizers else ():
        if id(parameter) not in known:
            add_parameter(nearest_group(training.models, parameter, training.optimizer.param_groups), parameter)
    training.new_parameters.clear()


def has_copy(model: nn.Module) -> bool:
    """Another module of the same class with parameters of its own, all of the same names and values (a search of the heap)."""
    if not _copied(model):
        return False
    gc.collect()  # it may be one that nobody holds any more
    return _copied(model)


def _copied(model: nn.Module) -> bool:
    mine = dict(model.named_parameters())
    for other in gc.get_objects():
        if type(other) is type(model) and other is not model and "_parameters" in vars(other):
            theirs = dict(other.named_parameters())
            own = theirs.keys() == mine.keys() and bool(mine) and all(theirs[k] is not mine[k] for k in mine)
            if own and all(theirs[k].shape == p.shape and torch.equal(theirs[k], p) for k, p in mine.items()):
                return True
    return False
