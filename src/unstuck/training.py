"""The live objects: `Training` (what is being trained), `Recipe` (a seed -> a Training), `Sample` (what one sampled step showed).

`attach` discovers a Training in a running script, a Recipe builds one for the handbook; probes see Samples, remedies and faults change
Trainings, and none of them knows which of the two ways it came about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from unstuck.records import Facts, Place

if TYPE_CHECKING:
    import numpy as np
    import torch
    from torch import nn
    from torch.optim import Optimizer


class Recipe(Protocol):
    """A function that builds the same training again for the same seed; it may construct optimizer and loader as any script does."""

    def __call__(self, seed: int, /) -> Training:
        """The training, ready to start."""


def named_modules(models: Sequence[nn.Module], names: Sequence[str] | None = None) -> dict[str, nn.Module]:
    """Every module of the models by the name that a `Place` carries.

    One model: PyTorch's dotted names ("layers.3"); where that would start with a digit (a bare `nn.Sequential`), or with several
    models, the model's own name goes in front ("model.3"). `names` are the models' names [len(models)]; "model" where not given.
    """
    table: dict[str, nn.Module] = {}
    for index, model in enumerate(models):
        own = (names[index] if names else "") or ("model" if len(models) == 1 else f"model{index}")
        for dotted, module in model.named_modules():
            if not dotted:
                table[own] = module
            elif len(models) > 1 or dotted[0].isdigit():
                table[f"{own}.{dotted}"] = module
            else:
                table[dotted] = module
    return table


@dataclass
class Training:
    """What is being trained: the one live object that remedies and faults change in place."""

    #: Root modules.
    models: list[nn.Module]
    optimizers: list[Optimizer] = field(default_factory=list)
    #: (outputs, targets) -> scalar. None where a script computes it in its own way.
    loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] | None = None
    #: Batches of (inputs, targets), gone through again and again; None in a script.
    batches: Iterable[tuple[torch.Tensor, torch.Tensor]] | None = None
    #: Validation inputs and targets.
    validation: tuple[torch.Tensor, torch.Tensor] | None = None
    #: Anything with `step()`, called after every optimizer step.
    scheduler: Any = None
    seed: int = 0
    #: What an untouched, watched run of the same program showed (roles and order of the places); None before one.
    facts: Facts | None = None
    #: Names of the models as `named_modules` takes them.
    names: list[str] = field(default_factory=list)
    #: Parameters that a remedy made at moment "build"; they go to the first group of the optimizer being built.
    new_parameters: list[torch.nn.Parameter] = field(default_factory=list)
    #: Replaces the plain training step in `fit`; a fault that sits in the loop replaces this.
    step: Callable[[Training, torch.Tensor, torch.Tensor], None] | None = None
    #: What a remedy remembers between `apply` and `in_force`, by its id (remedies themselves hold no state).
    memory: dict[str, Any] = field(default_factory=dict, repr=False)
    #: Why a remedy turned out to be impossible after `apply` (seen at the first forward pass); such an arm was not treated.
    failures: list[str] = field(default_factory=list)
    #: Called with the scores of every validation that is seen ("loss", "accuracy", "r2"), before the step behind it.
    on_validation: list[Callable[[Mapping[str, float]], None]] = field(default_factory=list, repr=False)
    _undo: list[Callable[[], None]] = field(default_factory=list, repr=False)

    @property
    def model(self) -> nn.Module:
        """The first model."""
        return self.models[0]

    @property
    def optimizer(self) -> Optimizer:
        """The first optimizer."""
        return self.optimizers[0]

    # ---------------------------------------------------------------- what remedies use

    def generator(self) -> torch.Generator:
        """A random stream of the remedy's own, so that the script's stream is not moved."""
        import torch

        return torch.Generator().manual_seed(1_000_003 + self.seed)

    def modules(self) -> dict[str, nn.Module]:
        """Every module by the name that a `Place` carries."""
        return named_modules(self.models, self.names)

    def replace_module(self, name: str, module: nn.Module) -> None:
        """Put another module in the place of one, wherever its parents hold it."""
        old = self.modules()[name]
        for parent in [m for root in self.models for m in root.modules()]:
            for key, child in list(parent._modules.items()):
                if child is old:
                    parent._modules[key] = module
        self.models[:] = [module if root is old else root for root in self.models]

    def add_parameters(self, parameters: Iterable[torch.nn.Parameter]) -> None:
        """Hand new parameters to the optimizer that is being built."""
        self.new_parameters.extend(parameters)

    def patch(self, owner: object, name: str, value: object) -> None:
        """Set an attribute until `undo`."""
        old = getattr(owner, name)
        self._undo.append(lambda: setattr(owner, name, old))
        setattr(owner, name, value)

    def on_undo(self, call: Callable[[], None]) -> None:
        """Call this at `undo` (removing a hook)."""
        self._undo.append(call)

    def undo(self) -> None:
        """Take back every patch and hook, newest first; replaced modules and changed weights stay as they are."""
        while self._undo:
            self._undo.pop()()

    # ---------------------------------------------------------------- the plain loop of a recipe

    def fit(self, steps: int) -> None:
        """Train for `steps` optimizer steps, going through `batches` as often as needed; then validate once."""
        done = 0
        while done < steps:
            before = done
            for inputs, targets in self.batches or ():
                (self.step or plain_step)(self, inputs, targets)
                done += 1
                if done == steps:
                    break
            self.validate()
            if done == before:
                raise ValueError("Training.fit: `batches` gave no batch.")

    def validate(self) -> torch.Tensor | None:
        """Outputs on the validation inputs in eval mode, without gradients; None where there are none."""
        import torch

        if self.validation is None:
            return None
        was_training = self.model.training
        self.model.eval()
        with torch.no_grad():
            outputs: torch.Tensor = self.model(self.validation[0])
            if self.loss is not None:
                self.loss(outputs, self.validation[1])
        self.model.train(was_training)
        return outputs


def plain_step(training: Training, inputs: torch.Tensor, targets: torch.Tensor) -> None:
    """zero_grad, forward, loss, backward, step, scheduler."""
    training.optimizer.zero_grad()
    assert training.loss is not None
    training.loss(training.model(inputs), targets).backward()
    training.optimizer.step()
    if training.scheduler is not None:
        training.scheduler.step()


# ------------------------------------------------------------------------------------------------ one sampled step


@dataclass
class Parameters:
    """Parameters of the optimizers, around one optimizer step."""

    places: tuple[Place, ...]
    #: [P] the live tensors; read only.
    tensors: list[torch.Tensor]
    #: [P] gradients as the optimizer saw them (unscaled), None = none.
    gradients: list[torch.Tensor | None]
    #: L2 norms of both [P]; nan = no gradient.
    norms: np.ndarray
    gradient_norms: np.ndarray
    #: Strided elements of all parameters in one row before the step, then after it, and the number of elements of each [P]
    #: (0 where a script takes its steps by hand: those are seen later, see `attach/by_hand.py`).
    before: np.ndarray
    after: np.ndarray
    counts: Sequence[int]

    def changes(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Norm of the step of each parameter [P], and its ratio to the norm before it [P]; None where the step was not seen."""
        import numpy as np

        from unstuck.attach import passes

        if not len(self.before):
            return None
        passed = passes.changes(self.before, self.after, self.counts)
        if passed is not None:
            change, before = passed
        else:
            counts = np.array(self.counts)
            filled = counts > 0
            starts = (np.cumsum(counts) - counts)[filled]
            change, before = np.zeros(len(counts)), np.zeros(len(counts))
            for into, row in ((change, self.after - self.before), (before, self.before)):
                into[filled] = np.sqrt(np.add.reduceat(np.square(row, dtype=np.float64), starts))
        with np.errstate(divide="ignore", invalid="ignore"):
            return change, change / before  # inf or nan for a parameter that is still zero


@dataclass
class Sample:
    """What one sampled step showed; everything in it is dropped when the step is over."""

    step: int
    #: The loss that was differentiated, as it was before any loss scaling.
    loss: float | None = None
    #: `loss` less penalties that the script adds by hand: what the last loss function of PyTorch gave, where one was called, else what is
    #: left without the terms of parameters alone.
    data_loss: float | None = None
    #: Strided rows of each place's output [R, U]: rows (samples, or samples and positions), units. At most a few thousand elements.
    activations: list[tuple[Place, np.ndarray]] = field(default_factory=list)
    #: For each rectifier: which units fired for at least one row [U], and the number of rows.
    alive: list[tuple[Place, np.ndarray, int]] = field(default_factory=list)
    #: Places whose autograd node was seen [G], with the norm of the gradient that arrived at their output [G], of the gradient that
    #: they sent on toward the input [G] (nan where they send none), and the number of elements of the output [G].
    gradient_places: tuple[Place, ...] = ()
    gradient_out: np.ndarray | None = None
    gradient_in: np.ndarray | None = None
    gradient_size: list[int] = field(default_factory=list)
    parameters: Parameters | None = None
    #: Strided elements of all gradients as the optimizers saw them, in one row.
    gradient_row: np.ndarray | None = None
    #: Norm of the gradients that nobody had cleared since the optimizer's last step (0 = cleared); None = not watched without a gap.
    leftover: float | None = None
    #: First tensor that entered the root model, [B, ...]; the targets that the loss got; what the root model gave. A view of the
    #: script's memory on the CPU (read only), every k-th sample of a large batch on an accelerator.
    inputs: np.ndarray | None = None
    targets: np.ndarray | None = None
    outputs: np.ndarray | None = None
    #: What the loss function itself got as its first argument (logits or probabilities), where it was seen.
    loss_inputs: np.ndarray | None = None
    #: What a regression loss beside that one was given: a second head, say.
    other_outputs: np.ndarray | None = None
    other_targets: np.ndarray | None = None
    #: Samples that entered the root model, left-out ones counted.
    batch_size: int = 0
    #: The inputs' type as PyTorch names it ("float32").
    input_dtype: str = ""
    #: Kind of the loss ("cross-entropy", "mse", ...; see `LossFacts`).
    loss_kind: str = "unknown"
    #: Batch-norm layers [N]: place, mean and variance of the batch [C], running mean and variance after the forward [C], values per channel.
    norms: list[tuple[Place, np.ndarray, np.ndarray, np.ndarray, np.ndarray, int]] = field(default_factory=list)
    #: Share of the root modules, and of their dropout and batch-norm layers (nan: none), in training mode; None = not seen.
    modes: tuple[float, float] | None = None
    #: Share of gradient elements beyond the limit of an element-wise clipping, and their root mean square over it.
    value_clipped: tuple[float, float] | None = None
    #: Norm of the gradients at the step over that after the backward pass, where something alters them in between.
    kept: float | None = None
    #: Share of the batch's rows that were in the last sampled batch too; None = not known.
    repeated: float | None = None
    #: Share of the batch's rows whose elements are all equal; None = not known.
    blank: float | None = None
    #: Seconds since the last optimizer step ended, our own time taken off.
    seconds: float = 0.0

    @property
    def answers(self) -> np.ndarray | None:
        """What is compared with the targets: what the loss function got, or what the model gave."""
        return self.loss_inputs if self.loss_inputs is not None else self.outputs

    @cached_property
    def right(self) -> np.ndarray | None:
        """Which samples were answered rightly [N]; None for a regression and where targets are not seen."""
        from unstuck.attach.metrics import right_answers

        answers, targets = self.answers, self.targets
        if answers is None or targets is None or not targets.size or answers.dtype.kind != "f" or answers.shape[:1] != targets.shape[:1]:
            return None
        found: np.ndarray | None = right_answers(answers, targets, self.loss_kind)
        return found
