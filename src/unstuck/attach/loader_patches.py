"""Remedies on the data: the training loader gives other batches.

Which loader is the training one is a guess that is spelt out here: at construction the one with `shuffle=True`, a sampler of its own, or
the first of all; during iteration the one that is gone through while gradients are recorded and a model is in training mode.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.optim import Optimizer
from torch.utils.data import BatchSampler, DataLoader, IterableDataset, RandomSampler, SequentialSampler

from unstuck.attach.surgery import Tally
from unstuck.training import Training

#: Positional arguments of DataLoader behind the data set.
_LOADER_ARGUMENTS = (
    *("batch_size", "shuffle", "sampler", "batch_sampler", "num_workers", "collate_fn", "pin_memory", "drop_last", "timeout"),
    *("worker_init_fn", "multiprocessing_context", "generator"),
)
#: Samples of a stream among which the next one is drawn. Our choice.
WINDOW = 10_000


class Window(IterableDataset[Any]):
    """A stream in random order: every sample is drawn from the next `WINDOW` ones."""

    def __init__(self, stream: IterableDataset[Any], generator: torch.Generator) -> None:
        self.stream, self.generator = stream, generator

    def __iter__(self) -> Iterator[Any]:
        kept: list[Any] = []
        for sample in self.stream:
            kept.append(sample)
            if len(kept) > WINDOW:
                yield self._drawn(kept)
        while kept:
            yield self._drawn(kept)

    def _drawn(self, kept: list[Any]) -> Any:
        at = int(torch.randint(len(kept), (1,), generator=self.generator))
        kept[at], kept[-1] = kept[-1], kept[at]
        return kept.pop()

    def __len__(self) -> int:
        return len(self.stream)  # type: ignore[arg-type]  # where it has one

    def __getattr__(self, name: str) -> Any:
        if name == "stream":  # while it is copied
            raise AttributeError(name)
        return getattr(self.stream, name)


def scale_batches(training: Training, factor: float) -> Tally:
    """Batches of `factor` times the samples, and every optimizer's learning rate scaled to match (linearly, for Adam by the root)."""
    from unstuck.attach.step_hooks import hold_settings

    def scale_rate(optimizer: Optimizer) -> None:
        adaptive = "betas" in optimizer.param_groups[0]
        power = 0.5 if adaptive else 1.0
        hold_settings(training, optimizer, lambda group, step: {"lr": group["lr"] * factor**power} if tally.changed else {})

    on_every_optimizer(training, scale_rate)
    tally = patch_batch_size(training, factor)
    return tally


def patch_batch_size(training: Training, factor: float) -> Tally:
    """Training loaders made from now on have `factor` times the samples in a batch (at least 2, at most the whole set)."""
    tally, original = Tally(), DataLoader.__init__
    single = training.facts is not None and training.facts.batch_size == 1

    @functools.wraps(original)
    def __init__(loader: Any, dataset: Any, *args: Any, **kwargs: Any) -> None:
        given = dict(zip(_LOADER_ARGUMENTS, args, strict=False)) | kwargs
        size = given.get("batch_size", 1)
        trains = bool(given.get("shuffle")) or given.get("sampler") is not None or tally.seen == 0
        tally.seen += 1
        # A size of 1 that nobody asked for is that of data sets whose items are batches already, unless single samples were seen.
        if trains and size is not None and (size > 1 or single or "batch_size" in given) and given.get("batch_sampler") is None:
            most = round(size * factor) if isinstance(dataset, IterableDataset) else len(dataset)
            given["batch_size"] = max(2, min(round(size * factor), most))
            tally.changed += given["batch_size"] != size
        original(loader, dataset, **given)

    training.patch(DataLoader, "__init__", __init__)
    return tally


def patch_order(training: Training, generator: torch.Generator) -> Tally:
    """Loaders that go through the training samples in their order go through them at random, by a stream of our own."""
    tally = Tally()

    def draw(loader: Any) -> None:
        tally.seen += 1
        sampler = loader.batch_sampler
        if isinstance(sampler, BatchSampler) and isinstance(sampler.sampler, SequentialSampler):
            sampler.sampler = RandomSampler(loader.dataset, generator=generator)
            tally.changed += 1
        elif isinstance(loader.dataset, IterableDataset):
            if not isinstance(loader.dataset, Window):
                object.__setattr__(loader, "dataset", Window(loader.dataset, generator))  # a loader lets nobody exchange its data set
            tally.changed += 1

    on_every_pass(training, draw)
    return tally


def on_every_pass(training: Training, call: Callable[[Any], None]) -> None:
    """Call `call(loader)` before every pass that is made while gradients are recorded and all known models are in training mode."""
    original = DataLoader.__iter__

    @functools.wraps(original)
    def __iter__(loader: Any) -> Any:
        if torch.is_grad_enabled() and all(model.training for model in training.models):
            call(loader)
        return original(loader)

    training.patch(DataLoader, "__iter__", __iter__)


def on_every_optimizer(training: Training, call: Callable[[Optimizer], None]) -> None:
    """Call `call(optimizer)` for every optimizer built from now on (for remedies that begin before the script)."""
    original = Optimizer.__init__

    @functools.wraps(original)
    def __init__(optimizer: Optimizer, *args: Any, **kwargs: Any) -> None:
        original(optimizer, *args, **kwargs)
        call(optimizer)

    training.patch(Optimizer, "__init__", __init__)


def on_every_batch(training: Training, call: Callable[[Any], None]) -> None:
    """Call `call(batch)` with everything that a loader gives."""
    from torch.utils.data.dataloader import _BaseDataLoaderIter

    original = _BaseDataLoaderIter.__next__

    @functools.wraps(original)
    def __next__(iterator: Any) -> Any:
        batch = original(iterator)
        call(batch)
        return batch

    training.patch(_BaseDataLoaderIter, "__next__", __next__)
