"""Functions that the script or its layers call: losses, dropout, and the loader that gives the batches."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import torch
import torch.nn.functional as F
from torch.utils.data import dataloader

from unstuck.attach.discovery import user_site
from unstuck.attach.guard import Guard
from unstuck.attach.observer import Observer
from unstuck.attach.patches import ORIGINAL, Patches
from unstuck.attach.transforms import Transforms, active
from unstuck.attach.watch_forward import ForwardPasses

#: torch.nn.functional's losses -> kind.
LOSSES = {
    "cross_entropy": "cross-entropy", "nll_loss": "nll", "mse_loss": "mse", "l1_loss": "l1", "smooth_l1_loss": "smooth-l1", "huber_loss": "huber",
    "binary_cross_entropy": "bce", "binary_cross_entropy_with_logits": "bce-with-logits", "kl_div": "kl-div", "gaussian_nll_loss": "gaussian-nll",
    "poisson_nll_loss": "poisson-nll", "soft_margin_loss": "soft-margin", "multi_margin_loss": "multi-margin",
}  # fmt: skip
#: torch.nn.functional's kinds of dropout.
DROPOUTS = ("dropout", "alpha_dropout", "feature_alpha_dropout", "dropout1d", "dropout2d", "dropout3d")


@functools.cache
def trains_by_default(dropout: Callable[..., Any]) -> bool:
    """What `training` is where a call of this dropout function does not say."""
    return bool(inspect.signature(dropout).parameters["training"].default)


for _name in DROPOUTS:
    trains_by_default(getattr(F, _name))  # known before arms are forked: reading a signature touches many pages


class FunctionCalls:
    """Wraps them."""

    def __init__(self, observer: Observer, guard: Guard, forward: ForwardPasses, transforms: Transforms) -> None:
        self._observer, self._guard, self._forward, self._transforms = observer, guard, forward, transforms

    def install(self, patches: Patches) -> None:
        """Put the wrappers in place."""
        patches.put(dataloader._BaseDataLoaderIter, "__next__", self._next_batch)
        for name, kind in LOSSES.items():
            patches.put(F, name, functools.partial(self._loss, kind))
        for name in DROPOUTS:
            patches.put(F, name, self._dropout)
        patches.put(torch.jit, "script", self._script)

    def _loss(self, kind: str, original: Any) -> Any:
        observer, guard = self._observer, self._guard

        def loss(*args: Any, **kwargs: Any) -> Any:
            if torch.compiler.is_compiling():  # Dynamo takes this way only, and sees nothing of ours
                return original(*args, **kwargs)
            result = original(*args, **kwargs)
            if guard.active and (observer.sampling or observer.doorway.scoring or observer.phases.pending is not None) and guard.ours():
                guard.quietly("loss", self._saw_loss, kind, args, kwargs, result, sys._getframe(1))
            return result

        return loss

    def _saw_loss(self, kind: str, args: Any, kwargs: Any, result: Any, frame: FrameType) -> None:
        inputs = args[0] if args else kwargs.get("input")
        targets = args[1] if len(args) > 1 else kwargs.get("target")
        settings = {k: v for k, v in kwargs.items() if isinstance(v, (str, int, float))}
        doorway = self._observer.doorway
        site = user_site(frame) if not doorway.loss_facts else None
        if self._transforms.inside:
            self._transforms.note(doorway.saw_loss, kind, inputs, targets, result, settings, site, True, True)
        elif not active():  # under vmap
            doorway.saw_loss(kind, inputs, targets, result, settings, site, self._observer.sampling)

    def _dropout(self, original: Any) -> Any:
        default = trains_by_default(original)

        def dropout(input: Any, p: float = 0.5, training: bool = default, *args: Any, **kwargs: Any) -> Any:
            if torch.compiler.is_compiling():  # as above
                return original(input, p, training, *args, **kwargs)
            if self._guard.active and not torch.is_grad_enabled() and self._guard.ours():
                self._guard.run("dropout", self._saw_dropout, p, training, sys._getframe(1))
            return original(input, p, training, *args, **kwargs)

        return dropout

    def _saw_dropout(self, p: float, training: bool, frame: FrameType) -> None:
        if p and not str(frame.f_globals.get("__name__", "")).startswith("torch."):  # the modes of modules are seen by themselves
            self._observer.phases.saw_dropout(self._observer.book.relative(user_site(frame)), bool(training))

    def _next_batch(self, original: Any) -> Any:
        def __next__(iterator: Any) -> Any:
            batch = original(iterator)
            if self._guard.active and self._guard.ours():
                self._guard.run("batch", self._observer.phases.fetched, iterator, batch, self._observer.step)
                if not torch.is_grad_enabled():
                    self._forward.arm()
            return batch

        return __next__

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
