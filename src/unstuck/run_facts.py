"""What is known of a run that is not a number per step: parameters, optimizers, targets, what could not be seen, versions."""

from __future__ import annotations

import sys
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import torch

from unstuck.records import Blind, OptimizerFacts, ParameterFacts, Place, TargetFacts, Text

if TYPE_CHECKING:
    from unstuck.attach.observer import Observer
    from unstuck.attach.transforms import Transforms


def optimizers(observer: Observer) -> tuple[OptimizerFacts, ...]:
    """As they were built; where there is none, what the script's own steps amount to."""
    found = [OptimizerFacts(kind=k, settings=s, groups=g, file=f, line=n) for k, s, g, (f, n) in observer.ownership.facts]
    settings = observer.by_hand.settings() if not found else None
    return tuple(found) if settings is None else (OptimizerFacts(kind="SGD", settings=settings, by_hand=True),)


def parameters(observer: Observer, over: bool) -> tuple[tuple[ParameterFacts, ...], tuple[Place, ...]]:
    owner = observer.ownership.owners()
    unique = list({id(p): p for p in observer.models.parameters()}.values())
    places = observer.book.parameter_places(unique)
    facts = [
        ParameterFacts(
            name=place.name,
            shape=place.shape,
            module=place.name.rpartition(".")[0],
            requires_grad=p.requires_grad,
            optimizer=owner.get(id(p)),
            grad_missing=place.name not in observer.updates.gradients_seen and id(p) not in observer.ownership.reached,
            changed=observer.updates.fingerprints.changed(p) if over else None,
        )
        for p, place in zip(unique, places, strict=True)
    ]
    return tuple(facts), tuple(places)


def blind(observer: Observer, transforms: Transforms) -> list[Blind]:
    found = []
    kinds = {type(m).__name__ for r in observer.models.roots for m in r.modules()}
    if kinds & {"LSTM", "GRU"}:
        reason = Text("PyTorch runs the whole sequence in one fused operation", "PyTorch 用一个融合算子计算整个序列")
        found.append(Blind(what="time steps inside LSTM/GRU", reason=reason))
    if "OptimizedModule" in kinds:
        reason = Text("torch.compile makes one operation of it; run with --no-compile", "torch.compile 把它合成一个算子；请加 --no-compile")
        found.append(Blind(what="layers inside compiled regions", reason=reason))
    if observer.propagation.saved_tensor_hooks:
        reason = Text("reading them would run checkpointed segments again", "读取它们会重新执行检查点片段")
        found.append(Blind(what="functional activations under checkpointing", reason=reason))
    if transforms.hidden:
        reason = Text("torch.func.vmap computes them for all samples at once", "torch.func.vmap 同时为所有样本计算它们")
        found.append(Blind(what="loss, activations, gradients at the layers", reason=reason))
    elif transforms.used:
        reason = Text("torch.func computes them inside a transform", "torch.func 在变换内部计算它们")
        found.append(Blind(what="gradients at the layers", reason=reason))
    if not observer.ownership.optimizers and observer.step:
        found += _blind_by_hand(observer)
    return found


def _blind_by_hand(observer: Observer) -> list[Blind]:
    by_hand = observer.by_hand
    if not by_hand.updates:
        reason = Text(
            "the script makes no optimizer, and its parameters were not seen to change", "脚本没有创建优化器，也没有看到其参数发生变化"
        )
        return [Blind(what="learning rate and updates", reason=reason)]
    if by_hand.settings() is None:
        reason = Text(
            "the script takes its steps itself, and no rate and momentum explain them",
            "脚本自行更新参数，没有学习率与动量能解释这些更新",
        )
        return [Blind(what="learning rate", reason=reason)]
    return []


def target_facts(targets: np.ndarray) -> TargetFacts:
    """What the targets are, by their type and values."""
    low, high = float(targets.min()), float(targets.max())
    dtype = str(targets.dtype)
    if targets.dtype.kind != "f":
        kind = "classes"
        return TargetFacts(kind=kind, classes=int(high) + 1, minimum=low, maximum=high, dtype=dtype)
    binary = bool(((targets == 0) | (targets == 1)).all())
    if binary and targets.ndim == 2 and targets.shape[1] > 1 and bool((targets.sum(1) == 1).all()):
        return TargetFacts(kind="one-hot", classes=targets.shape[1], minimum=low, maximum=high, dtype=dtype)
    if binary:
        return TargetFacts(kind="binary", classes=2, minimum=low, maximum=high, dtype=dtype)
    return TargetFacts(kind="real", minimum=low, maximum=high, dtype=dtype)


def versions() -> dict[str, str]:
    """Versions of Python, torch and us."""
    import platform

    from unstuck import __version__

    return {"python": platform.python_version(), "torch": str(torch.__version__), "unstuck": __version__}


def imported_packages(before: frozenset[str]) -> tuple[str, ...]:
    """Installed packages that were imported since these modules were; an arm imports them once, before it is forked."""
    return _packages_among(len(sys.modules), before)


@lru_cache(1)
def _packages_among(count: int, before: frozenset[str]) -> tuple[str, ...]:
    """Looked up anew where there are more modules than before.

    The newest come first, and the others are not looked at: in a fork every one of 3000 names that is touched may cost a page.
    """
    marker = "site-packages"
    newest = list(islice(reversed(sys.modules), max(0, count - len(before))))
    names = {n.partition(".")[0] for n in newest if n not in before}
    files = {n: getattr(sys.modules.get(n), "__file__", None) or "" for n in names}
    return tuple(sorted(n for n, f in files.items() if marker in f and not n.startswith("_")))
