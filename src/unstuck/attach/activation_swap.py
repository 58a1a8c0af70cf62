"""Other activations in a model that is not ours: modules are replaced, function calls are answered differently inside the root's forward.

Which activation is hidden, which is the output and which is a gate comes from the watched run (`Facts.places`), else from the autograd
graph of one forward pass of our own at the first training batch (random streams and buffers restored).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from unstuck.attach import data_flow, graph
from unstuck.attach.call_sites import called_by_a_module, functional_activations
from unstuck.attach.discovery import user_site
from unstuck.attach.layer_hooks import before_first_forward, names_in_facts, refuse_checkpoint, roles_in_facts, undisturbed
from unstuck.attach.surgery import ACTIVATION_NAMES, CannotApply, activation_kind
from unstuck.training import Training

Site = tuple[str, int]
#: Where something new goes: in the place of the old activation, behind it, or before it.
Where = Literal["instead", "behind", "before"]
#: Calls of an activation function in one forward pass: (its number, the user's line) -> its role.
CallRoles = dict[tuple[int, Site | None], str]

_TABLE: dict[Any, str] = {}


def is_activation(module: nn.Module) -> bool:
    """One of torch's element-wise activation modules."""
    return type(module).__module__ == "torch.nn.modules.activation" and type(module).__name__.lower() in ACTIVATION_NAMES


class ActivationCalls(TorchFunctionMode):
    """Hands every activation call of the user's own code to `visit(number, site, function, args, kwargs)`."""

    def __init__(self, visit: Callable[..., Any]) -> None:
        super().__init__()
        self.visit = visit
        self.calls = 0
        _TABLE.update({} if _TABLE else functional_activations())

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func not in _TABLE or called_by_a_module(sys._getframe(1)):
            return func(*args, **kwargs)
        self.calls += 1
        site = user_site(sys._getframe(1))
        return self.visit(self.calls - 1, (os.path.basename(site[0]), site[1]) if site else None, func, args, kwargs)


# --------------------------------------------------------------------------------------------------- what has which role


@dataclass
class Found:
    """Activations of one role: modules, and the roles of all calls."""

    modules: list[nn.Module] = field(default_factory=list)
    calls: CallRoles = field(default_factory=dict)


def from_facts(training: Training, role: str) -> Found | None:
    """As the watched run saw them; None where it did not look, or looked at other names, or where a module of the user's own makes the call
    (then the place is that module, and the number of the call is not known).
    """
    if training.facts is None or any(
        p.role == role and p.call is None and p.file and p.kind.startswith("functional ") and activation_kind(p)
        for p in training.facts.places
    ):
        return None
    roles, table = roles_in_facts(training), names_in_facts(training)
    known = {name: m for name, m in table.items() if is_activation(m) and name in roles}
    calls: CallRoles = {}
    for place in training.facts.places:
        if place.call is not None and activation_kind(place):
            calls[place.call, (os.path.basename(place.file), place.line) if place.file and place.line else None] = place.role
    if not known and not calls and (not training.facts.places or any(is_activation(m) for m in table.values())):
        return None
    return Found([m for name, m in known.items() if roles[name] == role], calls)


def from_forward(root: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], role: str) -> Found:
    """From the graph of one forward pass of our own."""
    modules: list[tuple[nn.Module, Any]] = []
    calls: list[tuple[int, Site | None, Any]] = []

    def module_done(module: nn.Module, _: Any, output: Any) -> None:
        modules.append((module, output.grad_fn if isinstance(output, torch.Tensor) else None))

    def call_done(number: int, site: Site | None, func: Any, a: Any, k: Any) -> Any:
        result = func(*a, **k)
        calls.append((number, site, result.grad_fn))
        return result

    handles = [m.register_forward_hook(module_done) for m in root.modules() if is_activation(m)]
    try:
        with undisturbed(root), torch.enable_grad(), ActivationCalls(call_done):
            output = root.forward(*args, **kwargs)
            total = sum(t.sum() for t in torch.utils._pytree.tree_leaves(output) if isinstance(t, torch.Tensor) and t.requires_grad)
    finally:
        for handle in handles:
            handle.remove()
    if not isinstance(total, torch.Tensor):
        raise CannotApply("The model's output has no gradient, so its activations could not be ordered.")
    roles = data_flow.roles(graph.walk(total.grad_fn))
    by_module: dict[nn.Module, set[str]] = {}
    for module, node in modules:
        by_module.setdefault(module, set()).add(_role(roles, node))
    return Found([m for m, found in by_module.items() if found == {role}], {(n, site): _role(roles, node) for n, site, node in calls})


def _role(roles: dict[Any, str], node: Any) -> str:
    return "other" if node is None else roles.get(graph.core_of(node), "other")


# --------------------------------------------------------------------------------------------------- the change itself


class CallRewriter:
    """Forward pre-hook and hook of a root: between them, activation calls of one role compute something else.

    A plain object: it is pickled and copied with the model. `activation` stays outside the model, because a new child of an `nn.Sequential`
    would be run as one more layer.
    """

    def __init__(self, calls: CallRoles, role: str, activation: nn.Module, where: Where, only: frozenset[str]) -> None:
        self.role, self.activation, self.where, self.only = role, activation, where, only
        self.rewritten = 0
        self.graded = False
        self._modes: list[ActivationCalls] = []
        self.learn(calls)

    def learn(self, calls: CallRoles) -> None:
        """The roles of all calls of one forward pass."""
        self.roles = calls
        self.by_site: dict[Site | None, set[str]] = {}
        for (_, site), found in calls.items():
            self.by_site.setdefault(site, set()).add(found)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_modes": []}

    def before(self, root: nn.Module, args: tuple[Any, ...]) -> None:
        """Calls are answered by `visit` from here on."""
        if self.role not in self.roles.values():
            return
        self.activation.train(root.training)
        self.graded = torch.is_grad_enabled()
        mode = ActivationCalls(self.visit)
        mode.__enter__()  # type: ignore[no-untyped-call]
        self._modes.append(mode)

    def after(self, root: nn.Module, args: tuple[Any, ...], output: Any) -> None:
        """Calls are themselves again."""
        if self._modes:
            self._modes.pop().__exit__(None, None, None)  # type: ignore[no-untyped-call]

    def chosen(self, number: int, site: Site | None) -> bool:
        """By number and line; where the number is a new one (control flow that depends on data), by a line whose calls are all alike."""
        exact = self.roles.get((number, site))
        return exact == self.role if exact is not None else self.by_site.get(site) == {self.role}

    def visit(self, number: int, site: Site | None, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        """The old function, the new one, or one after the other."""
        if not self.chosen(number, site) or (self.only and _kind(_TABLE[func]) not in self.only):
            return func(*args, **kwargs)
        refuse_checkpoint(self.graded)
        self.rewritten += 1
        old = args[0] if args else kwargs["input"]
        inplace = func.__name__.endswith("_") or kwargs.get("inplace", False)
        parameter = next(self.activation.parameters(), old)
        if parameter.device != old.device:
            self.activation.to(old.device)
        if self.where == "behind":
            return self.activation(func(*args, **kwargs))
        if self.where == "before":
            new = self.activation(old)
            # `x.tanh_()` may be used for its effect on x alone.
            return old.copy_(func(new.clone())) if inplace else func(new, *args[1:], **{k: v for k, v in kwargs.items() if k != "input"})
        # `x.sigmoid_()` may be used for its effect on x alone; what the new function saved for backward must not be overwritten.
        return old.copy_(self.activation(old.clone())) if inplace else self.activation(old)


@dataclass
class Rewritten:
    """What was put where, and how to tell that it is still there."""

    training: Training
    modules: list[nn.Module] = field(default_factory=list)
    rewriters: list[CallRewriter] = field(default_factory=list)

    def in_force(self) -> bool:
        """All new modules are in the model; calls, where there are any, were rewritten."""
        living = {id(m) for root in self.training.models for m in root.modules()}
        calls = [r.rewritten > 0 for r in self.rewriters]
        if any(r.only for r in self.rewriters):  # some of the roots have none of those kinds
            calls = calls if not self.modules and not any(calls) else []
        return bool(self.modules or self.rewriters) and all(id(m) in living for m in self.modules) and all(calls)


@dataclass
class Change:
    """One request: what to put where."""

    training: Training
    role: str
    make: Callable[[], nn.Module]
    where: Where
    #: Kinds of activations that are touched; empty = all.
    only: frozenset[str]
    done: Rewritten

    def modules(self, root: nn.Module, found: Found) -> int:
        """Change the modules of one root; how many there were."""
        mine = {id(m) for m in root.modules()}
        targets = [m for m in found.modules if id(m) in mine and (not self.only or _kind(type(m).__name__) in self.only)]
        for old in targets:
            new = self.make().to(_device(root)).train(old.training)
            self.training.add_parameters(new.parameters())
            rows: dict[str, nn.Module] = {"instead": new, "behind": nn.Sequential(old, new), "before": nn.Sequential(new, old)}
            _replace(root, old, rows[self.where].train(old.training))
            self.done.modules.append(new)
        return len(targets)

    def rewriter(self, root: nn.Module, calls: CallRoles) -> CallRewriter:
        """Rewrite the calls inside one root's forward from now on."""
        rewriter = CallRewriter(calls, self.role, self.make().to(_device(root)), self.where, self.only)
        self.training.on_undo(root.register_forward_pre_hook(rewriter.before).remove)
        self.training.on_undo(root.register_forward_hook(rewriter.after, always_call=True).remove)
        return rewriter

    def adopt(self, root: nn.Module, rewriter: CallRewriter) -> None:
        """Calls will be rewritten. Parameters of the new activation need a parent, or they would look like a model of their own."""
        self.done.rewriters.append(rewriter)
        parameters = list(rewriter.activation.parameters())
        if parameters:
            containers = (nn.Sequential, nn.ModuleList, nn.ModuleDict)
            hosts = (m for m in root.modules() if not isinstance(m, containers) and not type(m).__module__.startswith("torch.nn"))
            host = next(hosts, None)
            if host is None:
                raise CannotApply("The model has no module of the user's own that could hold the activation's parameters.")
            host.add_module(f"_unstuck_activation{len(host._modules)}", rewriter.activation)
            self.training.add_parameters(parameters)

    def when_known(self, root: nn.Module) -> None:
        """Without facts: at the first training batch. The hooks of that pass are fixed when it starts, so they are registered now."""

        def learn(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            found = from_forward(module, args, kwargs, self.role)
            rewriter.learn(found.calls)
            calls = self.role in found.calls.values()
            if calls:
                self.adopt(module, rewriter)
            if not self.modules(module, found) and not calls:
                self.training.failures.append(f"The model has no {self.role} activation.")
                raise CannotApply(self.training.failures[-1])

        before_first_forward(self.training, root, learn)
        rewriter = self.rewriter(root, {})


class Divided(nn.Module):
    """z -> z / max(1, std(z)), the spread of the whole batch taken as a constant."""

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """Any shape, and the same."""
        return z / z.detach().float().std(correction=0).clamp_min(1.0).to(z.dtype)


def rewrite(
    training: Training, role: str, make: Callable[[], nn.Module], *, where: Where = "instead", only: frozenset[str] = frozenset()
) -> Rewritten:
    """Put `make()` in the place of every activation of that role (and of the kinds in `only`), behind it or before it; CannotApply where there
    is none.
    """
    change = Change(training, role, make, where, only, Rewritten(training))
    found = from_facts(training, role)
    if found is None:
        for root in training.models:
            change.when_known(root)
        return change.done
    for root in training.models:
        change.modules(root, found)
        if role in found.calls.values():
            change.adopt(root, change.rewriter(root, found.calls))
    if not change.done.modules and not change.done.rewriters:
        raise CannotApply(f"The model has no {role} activation.")
    return change.done


def _kind(name: str) -> str:
    """ "leaky_relu_" and "LeakyReLU" -> "leakyrelu"."""
    return name.replace("_", "").lower()


def _device(root: nn.Module) -> torch.device:
    return next((p.device for p in root.parameters()), torch.device("cpu"))


def _replace(root: nn.Module, old: nn.Module, new: nn.Module) -> None:
    for parent in list(root.modules()):
        for key, child in parent._modules.items():
            if child is old:
                parent._modules[key] = new
