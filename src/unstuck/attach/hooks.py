"""Where an Observer is tied into PyTorch: what is patched, when, and how it is undone.

All patches are attributes of modules and classes of torch, set in `install` and put back in `uninstall`. They live in this importable module,
never in `__main__` (Dynamo looks a hook's globals up by its module's name). Every entry into our code runs under `_guard`: an error there
switches the observer off for the rest of the run, is kept in `errors`, and never reaches the script.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import math
import os
import sys
import weakref
from collections.abc import Callable
from threading import get_ident
from time import perf_counter
from types import FrameType
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch._functorch import eager_transforms
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook
from torch.utils.data import dataloader

from unstuck.attach import transforms
from unstuck.attach.call_sites import LIBRARY_CODE, CallSites, users_call
from unstuck.attach.discovery import user_site
from unstuck.attach.observer import Observer

#: torch.nn.functional's losses -> kind.
LOSSES = {
    "cross_entropy": "cross-entropy", "nll_loss": "nll", "mse_loss": "mse", "l1_loss": "l1", "smooth_l1_loss": "smooth-l1", "huber_loss": "huber",
    "binary_cross_entropy": "bce", "binary_cross_entropy_with_logits": "bce-with-logits", "kl_div": "kl-div", "gaussian_nll_loss": "gaussian-nll",
    "poisson_nll_loss": "poisson-nll", "soft_margin_loss": "soft-margin", "multi_margin_loss": "multi-margin",
}  # fmt: skip
#: torch.nn.functional's kinds of dropout.
DROPOUTS = ("dropout", "alpha_dropout", "feature_alpha_dropout", "dropout1d", "dropout2d", "dropout3d")
#: Attribute of our wrappers that holds what they wrap.
ORIGINAL = "_unstuck_original"
#: Sampled steps during which call sites are noted.
SITE_STEPS = 2


@functools.cache
def trains_by_default(dropout: Callable[..., Any]) -> bool:
    """What `training` is where a call of this dropout function does not say."""
    return bool(inspect.signature(dropout).parameters["training"].default)


for _name in DROPOUTS:
    trains_by_default(getattr(F, _name))  # known before arms are forked: reading a signature touches many pages


class Hooks:
    """Ties an observer into PyTorch, and takes it out again."""

    def __init__(self, observer: Observer) -> None:
        self.observer = observer
        self._models = observer.models
        self.active = False
        #: What raised, by entry point.
        self.errors: dict[str, str] = {}
        self.schedulers: list[str] = []
        self._undo: list[Callable[[], None]] = []
        #: Takes the wrappers around comparisons with the outputs away; there only in sampled steps and phases without gradients.
        self._answers: list[Callable[[], None]] = []
        #: Depth of our own calls: what they compare is not the script's.
        self._guarding = 0
        self._forward_handles: list[Any] = []
        self._mode: CallSites | None = None
        self._site_steps = 0
        self._thread = get_ident()
        self._process = os.getpid()
        self._in_backward = False
        #: The script calls `backward`: gradients that it asks for in other ways are not those of its steps.
        self._backwards = False
        self.transforms = transforms.Transforms(observer)
        self._step_depth: dict[int, int] = {}
        #: Something was handed to torch.compile: no forward hook may stand, or Dynamo would trace into it (and break on it).
        self._compiled = False

    # ------------------------------------------------------------------------------------------------ on and off

    def install(self) -> None:
        """Patch torch. Before the user's first import, so that `from x import f` gets our wrappers."""
        self.active = True
        self.observer.models.sites.install()
        self._undo.append(self.observer.models.sites.uninstall)
        self._patch(torch.autograd, "backward", self._backward)
        self._patch(torch.autograd, "grad", self._grad)
        if hasattr(eager_transforms, "grad_and_value_impl"):  # not public: it may have another name in another torch
            self._patch(eager_transforms, "grad_and_value_impl", self._transform)
        before, after = self._safely("before_step", self._pre_step), self._safely("after_step", self._post_step)
        for handle in (register_optimizer_step_pre_hook(before), register_optimizer_step_post_hook(after)):
            self._undo.append(handle.remove)
        self._patch(Optimizer, "__init__", self._optimizer_init)
        for scheduler in (LRScheduler, ReduceLROnPlateau):  # that one does not call the constructor of the other
            self._patch(scheduler, "__init__", self._scheduler_init)
        self._patch(dataloader._BaseDataLoaderIter, "__next__", self._next_batch)
        self._patch(nn.Module, "train", self._train_mode)
        for context in (torch.no_grad, torch.inference_mode):
            self._patch(context, "__enter__", self._without_gradients)
        self._patch(torch.set_grad_enabled, "__init__", self._set_grad)
        self._patch(torch.autograd.graph.saved_tensors_hooks, "__enter__", self._saved_tensor_hooks)
        self._patch(torch.Tensor, "register_hook", self._tensor_hook)
        self._patch(torch.amp.GradScaler, "scale", self._scale)
        self._patch(torch.amp.GradScaler, "step", self._scaled_step)
        for owner in (torch.nn.utils, torch.nn.utils.clip_grad):
            self._patch(owner, "clip_grad_norm_", self._clip)
            self._patch(owner, "clip_grad_value_", self._clip_value)
        for name, kind in LOSSES.items():
            self._patch(F, name, functools.partial(self._loss_wrapper, kind))
        for name in DROPOUTS:
            self._patch(F, name, self._dropout)
        self._patch(torch.jit, "script", self._script)
        self._patch(torch, "compile", self._compile)
        forked = weakref.WeakMethod(self._forked)  # what is registered stays for good, and must not keep the models
        os.register_at_fork(after_in_child=lambda: call() if (call := forked()) is not None else None)
        self.arm()

    def uninstall(self) -> None:
        """Put everything back; nothing of ours is left attached."""
        self.disarm()
        self.active = False
        while self._undo:
            with contextlib.suppress(Exception):  # one that fails must not keep the others in place
                self._undo.pop()()

    def _patch(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        original = owner.__dict__.get(name) if isinstance(owner, type) else getattr(owner, name)
        inherited = original is None
        original = original or getattr(owner, name)
        wrapper = make(original)
        functools.update_wrapper(wrapper, original)
        setattr(wrapper, ORIGINAL, original)
        setattr(owner, name, wrapper)
        self._undo.append((lambda: delattr(owner, name)) if inherited else (lambda: setattr(owner, name, original)))

    def _forked(self) -> None:
        self.active = False

    def _ours(self) -> bool:
        """We watch this thread of this process."""
        return self.active and get_ident() == self._thread

    def _guard(self, where: str, call: Callable[..., Any], *args: Any) -> Any:
        """Run something of ours, and count its time; an error in it ends the watching, not the script."""
        observer = self.observer
        if not self._guarding:
            observer.entered = perf_counter()
        self._guarding += 1
        try:
            return call(*args)
        except Exception as error:
            self.fail(where, error)
            return None
        finally:
            self._guarding -= 1
            if not self._guarding:
                observer.spent += perf_counter() - observer.entered
                observer.entered = math.inf

    def _quietly(self, where: str, call: Callable[..., Any], *args: Any) -> Any:
        """The same for what computes: what overflows there is the script's numbers, and it shall hear nothing of ours."""
        with np.errstate(all="ignore"):
            return self._guard(where, call, *args)

    def fail(self, where: str, error: BaseException) -> None:
        """Keep the error and stop watching."""
        self.note_error(where, error)
        self.disarm()

    def note_error(self, where: str, error: BaseException) -> None:
        """Keep the error; nothing of ours runs from now on, though it is not taken out yet."""
        self.errors.setdefault(where, f"{type(error).__name__}: {error}")
        self.active = False

    def _safely(self, where: str, call: Callable[..., None]) -> Callable[..., None]:
        """A hook for torch to call, which keeps its errors to itself."""

        def hook(one: Any, two: Any, three: Any = None) -> None:
            try:
                call(one, two, three)
            except Exception as error:
                self.fail(where, error)

        return hook

    def arm(self, frame: FrameType | None = None) -> None:
        """Put the global forward hook in place; where a frame is given, only if it is the user's code that switches gradients off."""
        while frame is not None and frame.f_back is not None and str(frame.f_globals.get("__name__", "")).startswith("unstuck.attach."):
            frame = frame.f_back  # a remedy stands in between
        try:
            if not self._forward_handles and self.active and not self._compiled and (frame is None or users_call(frame)):
                self._arm()
        except Exception as error:
            self.fail("arm", error)

    def _arm(self) -> None:
        self._forward_handles.append(register_module_forward_hook(self._safely("forward", self._forward), always_call=True))
        if self._site_steps < SITE_STEPS:
            self._forward_handles.append(register_module_forward_pre_hook(self._safely("pre_forward", self._pre_forward)))

    def disarm(self) -> None:
        """Take the global forward hook away."""
        for undo in (self._leave_mode, self._deafen):
            try:
                undo()
            except Exception as error:
                self.note_error("disarm", error)
        while self._forward_handles:
            self._forward_handles.pop().remove()

    # ------------------------------------------------------------------------------------------------ forward

    def _pre_forward(self, module: nn.Module, args: Any, _: None) -> None:
        if (
            self._mode is None
            and not self.transforms.inside
            and self._ours()
            and torch.is_grad_enabled()
            and self.observer.sampling
            and self._models.is_root(module)
        ):
            self.observer.propagation.functional_calls, self.observer.propagation.following = 0, True
            self._mode = CallSites(self)
            self._mode.__enter__()  # type: ignore[no-untyped-call]

    def _leave_mode(self) -> None:
        if self._mode is not None:
            mode, self._mode, self.observer.propagation.following = self._mode, None, False
            mode.__exit__(None, None, None)  # type: ignore[no-untyped-call]

    def _forward(self, module: nn.Module, args: Any, output: Any) -> None:
        observer = self.observer
        root = self._models.is_root(module)
        if not (observer.sampling or root):
            return  # of a phase without gradients nothing but the whole model's answers is looked at
        if self._mode is not None and root:
            self._leave_mode()
        if output is None or self._in_backward or not self._ours() or torch.compiler.is_compiling():
            return
        if self.transforms.inside:
            self._guard("forward", self._note_forward, module, args, output)
            return
        if root:
            self._quietly("forward", observer.doorway.forward, module, args, output, observer.sampling)
        if not observer.sampling or not self.active:
            pass
        elif self._guarding:
            self._guard("forward", observer.propagation.forward, module, args, output)
        else:  # the same, for what is called for every layer
            began = perf_counter()
            try:
                observer.propagation.forward(module, args, output)
            except Exception as error:
                self.fail("forward", error)
            observer.spent += perf_counter() - began
        if root and not self._answers and self.active and observer.doorway.awaits_comparison:
            self._listen()

    def _note_forward(self, module: nn.Module, args: Any, output: Any) -> None:
        root = self._models.is_root(module)
        if root:
            self.transforms.note(self.observer.doorway.forward, module, args, output, True)
        self.transforms.note(self.observer.propagation.forward, module, args, output)
        if root and self.observer.sampling and not self._answers:
            self._listen()

    def _listen(self) -> None:
        """Watch for the script's own comparison of the outputs with the targets: `pred == y`, `pred - y`."""
        for name in ("__eq__", "__sub__"):
            own = name in torch.Tensor.__dict__
            original = getattr(torch.Tensor, name)
            setattr(torch.Tensor, name, self._compare(original))
            self._answers.append(
                functools.partial(setattr, torch.Tensor, name, original) if own else functools.partial(delattr, torch.Tensor, name)
            )

    def _deafen(self) -> None:
        while self._answers:
            self._answers.pop()()

    def _compare(self, original: Any) -> Any:
        def compare(left: Any, right: Any) -> Any:
            result = original(left, right)
            if isinstance(right, torch.Tensor) and not self._guarding and self._ours():
                self._quietly("answer", self._saw_comparison, left, right)
            return result

        return functools.wraps(original)(compare)

    def _saw_comparison(self, left: torch.Tensor, right: torch.Tensor) -> None:
        if self.transforms.inside:
            self.transforms.note(self._saw_asked_comparison, left, right)
        elif self.observer.doorway.awaits_comparison:
            self.observer.doorway.saw_comparison(left, right)

    def _saw_asked_comparison(self, left: torch.Tensor | None, right: torch.Tensor | None) -> None:
        if left is not None and right is not None and self.observer.doorway.awaits_comparison:
            self.observer.doorway.saw_comparison(left, right, asked=True)

    def _train_mode(self, original: Any) -> Any:
        def train(module: nn.Module, mode: bool = True) -> Any:
            if not mode and self._ours():
                self.arm()
            return original(module, mode)

        return train

    def _without_gradients(self, original: Any) -> Any:
        def __enter__(context: Any) -> Any:
            if not self._forward_handles and self.active and id(sys._getframe(1).f_code) not in LIBRARY_CODE and self._ours():
                self.arm(sys._getframe(1))
            return original(context)

        return __enter__

    def _set_grad(self, original: Any) -> Any:
        def __init__(context: Any, mode: bool) -> None:
            if not mode and not self._forward_handles and self.active and id(sys._getframe(1).f_code) not in LIBRARY_CODE and self._ours():
                self.arm(sys._getframe(1))
            original(context, mode)

        return __init__

    def _compile(self, original: Any) -> Any:
        def compile(*args: Any, **kwargs: Any) -> Any:
            if os.environ.get("TORCH_COMPILE_DISABLE") != "1" and not kwargs.get("disable"):
                self._compiled = True
                self.disarm()
            return original(*args, **kwargs)

        return compile

    def _script(self, original: Any) -> Any:
        def script(*args: Any, **kwargs: Any) -> Any:
            # TorchScript compiles the functions that it finds, and ours are none for it.
            wrappers = {name: getattr(F, name) for name in (*LOSSES, *DROPOUTS)}
            for name, wrapper in wrappers.items():
                setattr(F, name, getattr(wrapper, ORIGINAL, wrapper))
            try:
                return original(*args, **kwargs)
            finally:
                for name, wrapper in wrappers.items():
                    setattr(F, name, wrapper)

        return script

    def _saved_tensor_hooks(self, original: Any) -> Any:
        def __enter__(context: Any) -> Any:
            self.observer.propagation.saved_tensor_hooks = True
            return original(context)

        return __enter__

    def _tensor_hook(self, original: Any) -> Any:
        def register_hook(tensor: Any, hook: Any) -> Any:
            if not tensor.is_leaf:
                self.observer.propagation.node_hooks.altered = True
            return original(tensor, hook)

        return register_hook

    # ------------------------------------------------------------------------------------------------ losses, data

    def _loss_wrapper(self, kind: str, original: Any) -> Any:
        def loss(*args: Any, **kwargs: Any) -> Any:
            if torch.compiler.is_compiling():  # Dynamo takes this way only, and sees nothing of ours
                return original(*args, **kwargs)
            result = original(*args, **kwargs)
            observer = self.observer
            if self.active and (observer.sampling or observer.doorway.scoring or observer.phases.pending is not None) and self._ours():
                self._quietly("loss", self._saw_loss, kind, args, kwargs, result, sys._getframe(1))
            return result

        return loss

    def _saw_loss(self, kind: str, args: Any, kwargs: Any, result: Any, frame: FrameType) -> None:
        inputs = args[0] if args else kwargs.get("input")
        targets = args[1] if len(args) > 1 else kwargs.get("target")
        settings = {k: v for k, v in kwargs.items() if isinstance(v, (str, int, float))}
        site = user_site(frame) if not self.observer.doorway.loss_facts else None
        if self.transforms.inside:
            self.transforms.note(self.observer.doorway.saw_loss, kind, inputs, targets, result, settings, site, True, True)
        else:
            self.observer.doorway.saw_loss(kind, inputs, targets, result, settings, site, self.observer.sampling)

    def _dropout(self, original: Any) -> Any:
        default = trains_by_default(original)

        def dropout(input: Any, p: float = 0.5, training: bool = default, *args: Any, **kwargs: Any) -> Any:
            if torch.compiler.is_compiling():  # as above
                return original(input, p, training, *args, **kwargs)
            if self.active and not torch.is_grad_enabled() and self._ours():
                self._guard("dropout", self._saw_dropout, p, training, sys._getframe(1))
            return original(input, p, training, *args, **kwargs)

        return dropout

    def _saw_dropout(self, p: float, training: bool, frame: FrameType) -> None:
        if p and not str(frame.f_globals.get("__name__", "")).startswith("torch."):  # the modes of modules are seen by themselves
            self.observer.phases.saw_dropout(self.observer.book.relative(user_site(frame)), bool(training))

    def _next_batch(self, original: Any) -> Any:
        def __next__(iterator: Any) -> Any:
            batch = original(iterator)
            if self.active and self._ours():
                self._guard("batch", self.observer.phases.fetched, iterator, batch, self.observer.step)
                if not torch.is_grad_enabled():
                    self.arm()
            return batch

        return __next__

    # ------------------------------------------------------------------------------------------------ backward, step

    def _backward(self, original: Any) -> Any:
        def backward(tensors: Any, *args: Any, **kwargs: Any) -> Any:
            if self._in_backward or not self.active or get_ident() != self._thread:
                return original(tensors, *args, **kwargs)
            self._backwards = True
            result = self._differentiate(tensors, original, args, kwargs)
            if (self.observer.late_step or not self.observer.ownership.optimizers) and self.active:
                self._quietly("step", self.observer.end_step_after_backward)
                self._guard("next", self._next_step)
            return result

        return backward

    def _differentiate(self, root: Any, original: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """`original(root, ...)`, the outermost backward pass, watched."""
        observer = self.observer
        self._in_backward = True
        if self._answers:
            self._guard("deafen", self._deafen)
        try:
            handles = (self._quietly if observer.sampling else self._guard)("before_backward", observer.before_backward, root)
            if self._forward_handles and not observer.sampling:
                self.disarm()
            result = original(root, *args, **kwargs)
            if handles:
                self._guard("after_backward", observer.after_backward, handles)
        finally:
            self._in_backward = False
        return result

    def _grad(self, original: Any) -> Any:
        def grad(outputs: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
            if torch.compiler.is_compiling() or args or not self._is_step(outputs, inputs, kwargs):
                return original(outputs, inputs, *args, **kwargs)
            result = self._differentiate(outputs, original, (inputs,), kwargs)
            if self.active:
                parameters = [inputs] if isinstance(inputs, torch.Tensor) else inputs
                found = {id(p): g for p, g in zip(parameters, result, strict=False) if g is not None}
                self._quietly("step", self.observer.end_step_after_backward, found)
                self._guard("next", self._next_step)
            return result

        return grad

    def _is_step(self, outputs: Any, inputs: Any, kwargs: Any) -> bool:
        """Somebody who has no optimizer asks for the gradients of one number with respect to some leaves, and means to go no further."""
        if not self._trains_by_hand() or kwargs.keys() - {"retain_graph", "allow_unused"}:
            return False
        parameters = [inputs] if isinstance(inputs, torch.Tensor) else inputs
        if not isinstance(parameters, (tuple, list)):  # not to be gone through twice
            return False
        root = outputs[0] if isinstance(outputs, (tuple, list)) and len(outputs) == 1 else outputs
        leaves = all(isinstance(p, torch.Tensor) and p.is_leaf for p in parameters)
        return isinstance(root, torch.Tensor) and root.numel() == 1 and root.requires_grad and leaves

    def _trains_by_hand(self) -> bool:
        outermost = not (self._in_backward or self.transforms.inside or transforms.active())
        return outermost and not self.observer.ownership.optimizers and not self._backwards and self._ours()

    def _transform(self, original: Any) -> Any:
        def grad_and_value_impl(func: Any, argnums: Any, has_aux: bool, args: Any, kwargs: Any) -> Any:
            if torch.compiler.is_compiling() or not self._trains_by_hand():
                return original(func, argnums, has_aux, args, kwargs)
            parameters = self._quietly("before_transform", self._transform_begins, argnums, args)
            if not parameters:
                return original(func, argnums, has_aux, args, kwargs)
            self.transforms.inside = True
            try:
                result = original(func, argnums, has_aux, args, kwargs)
            finally:
                noted = self.transforms.leave()
            if self._answers:
                self._guard("deafen", self._deafen)
            if self.active:
                self._quietly("transform", self.transforms.done, parameters, noted, result, has_aux)
                self._guard("next", self._next_step)
            return result

        return grad_and_value_impl

    def _transform_begins(self, argnums: Any, args: Any) -> list[tuple[str, torch.Tensor]]:
        chosen = args[argnums] if isinstance(argnums, int) else tuple(args[i] for i in argnums)
        parameters = transforms.named(chosen)
        self.transforms.begin(parameters)
        return parameters

    def _pre_step(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        if not self.active or get_ident() != self._thread:
            return
        key = id(optimizer)
        depth = self._step_depth[key] = self._step_depth.get(key, 0) + 1
        if depth == 1 and (self.observer.sampling or key not in self.observer.ownership.counts):
            self._quietly("before_step", self.observer.before_step, optimizer)

    def _post_step(self, optimizer: Optimizer, args: Any, kwargs: Any) -> None:
        if not self.active or get_ident() != self._thread:
            return
        key = id(optimizer)
        depth = self._step_depth[key] = self._step_depth.get(key, 1) - 1
        if depth == 0:
            observer = self.observer
            (self._quietly if observer.sampling else self._guard)("after_step", observer.after_step, optimizer, self._in_backward)
            if observer.sampling or self._forward_handles:
                self._next_step()

    def _next_step(self) -> None:
        """The listener has decided whether the next step is sampled: hooks on or off."""
        if not self.active:
            return
        if self.observer.sampling:
            self._site_steps += 1
            if self._site_steps == SITE_STEPS:
                self.disarm()
            self.arm()
        elif self._forward_handles:
            self.disarm()

    def _optimizer_init(self, original: Any) -> Any:
        def __init__(optimizer: Optimizer, params: Any, defaults: Any) -> None:
            original(optimizer, params, defaults)
            if self._ours():
                self._guard("optimizer", self._saw_optimizer, optimizer, sys._getframe(1))

        return __init__

    def _saw_optimizer(self, optimizer: Optimizer, frame: FrameType) -> None:
        self.observer.ownership.know(optimizer, user_site(frame), self.observer.step)

    def _scheduler_init(self, original: Any) -> Any:
        def __init__(scheduler: Any, *args: Any, **kwargs: Any) -> None:
            if self.active:
                self.schedulers.append(type(scheduler).__name__)
            original(scheduler, *args, **kwargs)

        return __init__

    def _clip(self, original: Any) -> Any:
        def clip_grad_norm_(parameters: Any, max_norm: float, *args: Any, **kwargs: Any) -> Any:
            total = original(parameters, max_norm, *args, **kwargs)
            if self._ours():
                self._guard("clip", self.observer.saw_clipping, max_norm, total)
            return total

        return clip_grad_norm_

    def _clip_value(self, original: Any) -> Any:
        def clip_grad_value_(parameters: Any, clip_value: float, *args: Any, **kwargs: Any) -> Any:
            if self.observer.sampling and self._ours():
                parameters = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
                self._quietly("clip", self.observer.updates.clipping_values, parameters, float(clip_value))
            return original(parameters, clip_value, *args, **kwargs)

        return clip_grad_value_

    def _scale(self, original: Any) -> Any:
        def scale(scaler: Any, outputs: Any) -> Any:
            result = original(scaler, outputs)
            if isinstance(outputs, torch.Tensor) and self._ours():
                self._guard("scale", self.observer.scaling.saw_scale, scaler, outputs, result)
            return result

        return scale

    def _scaled_step(self, original: Any) -> Any:
        def step(scaler: Any, optimizer: Optimizer, *args: Any, **kwargs: Any) -> Any:
            before = self.observer.ownership.counts.get(id(optimizer))
            result = original(scaler, optimizer, *args, **kwargs)
            if before is not None and self._ours() and self.observer.ownership.counts.get(id(optimizer)) == before:
                self._quietly("skip", self.observer.step_skipped, optimizer)
                self._guard("next", self._next_step)
            return result

        return step
