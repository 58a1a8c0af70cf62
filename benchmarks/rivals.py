"""Other tools that watch a training, each as a context manager around the same loop as ours (`overhead.py`).

    python -m venv rivals && rivals/bin/pip install torch wandb torchmortem neural-observatory

Each is used as its own page says, once at its defaults and once looking at every step. What a script would call by hand after each step is
called from a hook on the optimizer. Nothing is imported before it is measured; a tool that is not installed gets a row that says so.
"""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import nn

Built = tuple[nn.Module, torch.Tensor, torch.Tensor, torch.optim.Optimizer]
Watch = Callable[[Built], AbstractContextManager[object]]


class Rival(AbstractContextManager["Rival"]):
    """A tool that is told about every step; subclasses start it, tell it, and stop it."""

    def __init__(self, built: Built) -> None:
        self.model, _, _, self.optimizer = built
        self.steps = 0
        self.loss: torch.Tensor | None = None

    def __enter__(self) -> Rival:
        self.start()
        self._hook = self.optimizer.register_step_post_hook(self._stepped)
        original = self._backward = torch.Tensor.backward

        def backward(loss: torch.Tensor, *args: Any, **kwargs: Any) -> None:
            self.loss = loss.detach()
            original(loss, *args, **kwargs)

        torch.Tensor.backward = backward  # type: ignore[method-assign, assignment]
        return self

    def __exit__(self, *error: object) -> None:
        torch.Tensor.backward = self._backward  # type: ignore[method-assign]
        self._hook.remove()
        self.stop()

    def _stepped(self, *_: object) -> None:
        self.steps += 1
        self.step()

    def start(self) -> None:
        """Attach to the model."""

    def step(self) -> None:
        """What the tool's page has the script call after a step."""

    def stop(self) -> None:
        """Detach."""


class Wandb(Rival):
    """`wandb.watch(model, log="all")`, offline. What it collects goes out with the next `run.log`: called at the steps that it looks at only."""

    every = 1000

    def start(self) -> None:
        import wandb

        self.run = wandb.init(mode="offline", dir=tempfile.mkdtemp(), settings=wandb.Settings(silent=True, console="off"))
        wandb.watch(self.model, log="all", log_freq=self.every)

    def step(self) -> None:
        if self.steps % self.every == 0 and self.loss is not None:
            self.run.log({"loss": self.loss.item()})

    def stop(self) -> None:
        self.run.unwatch(self.model)
        self.run.finish()


class WandbFull(Wandb):
    every = 1


class Torchmortem(Rival):
    """`Autopsy`, which is told the loss at every step; by default ranks and curvature are looked at every 50 steps, the rest always."""

    sampling: dict[str, int] | None = None

    def start(self) -> None:
        from torchmortem import Autopsy, SamplingConfig

        self.autopsy = Autopsy(self.model, optimizer=self.optimizer, sampling=SamplingConfig(**self.sampling) if self.sampling else None)
        self.autopsy.attach()

    def step(self) -> None:
        self.autopsy.step(loss=self.loss.item() if self.loss is not None else None)

    def stop(self) -> None:
        self.autopsy.detach()


class TorchmortemFull(Torchmortem):
    sampling = {"default_interval": 1, "expensive_interval": 1}


class NeuralObservatory(Rival):
    """`Observatory`: by default activations and gradients at every step; parameters are looked at when it starts and when it reports."""

    settings: dict[str, int] = {}

    def start(self) -> None:
        from neural_observatory import Observatory, ObservatoryConfig

        self.observatory = Observatory(self.model, config=ObservatoryConfig(**self.settings))  # type: ignore[arg-type]
        self.observatory.watch()

    def step(self) -> None:
        self.observatory.step(step=self.steps)

    def stop(self) -> None:
        self.observatory.stop()


class NeuralObservatoryFull(NeuralObservatory):
    settings = {"activation_sample_rate": 1, "gradient_sample_rate": 1, "parameter_sample_rate": 1}


RIVALS: dict[tuple[str, str], tuple[str, type[Rival]]] = {
    ("wandb.watch", "default"): ("wandb", Wandb),
    ("wandb.watch", "full"): ("wandb", WandbFull),
    ("torchmortem", "default"): ("torchmortem", Torchmortem),
    ("torchmortem", "full"): ("torchmortem", TorchmortemFull),
    ("neural-observatory", "default"): ("neural_observatory", NeuralObservatory),
    ("neural-observatory", "full"): ("neural_observatory", NeuralObservatoryFull),
}


def rivals() -> dict[tuple[str, str], Watch | None]:
    """Tool and mode -> what watches with it; None where it is not installed."""
    return {key: rival if importlib.util.find_spec(package) else None for key, (package, rival) in RIVALS.items()}
