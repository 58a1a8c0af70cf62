"""What remedies of one family share: the swap of an activation, a new initialisation, a norm, a setting held during every step.

Nothing here imports torch when it is imported (listing the remedies must not); the live work is in the other files of this folder, which the
methods below import when they are called.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from unstuck.errors import UnstuckError
from unstuck.plugins import Remedy
from unstuck.records import Facts, Place, Text

if TYPE_CHECKING:
    import torch
    from torch import nn

    from unstuck.edits.source import Draft
    from unstuck.training import Training

#: Fewest blocks in a row that a signal is led past. Our choice: two are no depth.
LEAST_BLOCKS = 3


class CannotApply(UnstuckError):
    """A remedy does not fit this training; the arm must not count as treated."""


@dataclass
class Tally:
    """How often a patched place was passed, and how often something was changed there."""

    seen: int = 0
    changed: int = 0
    #: A patched call is being made (for calls within calls).
    inside: bool = False

    def in_force(self) -> bool:
        """Something was changed at least once."""
        return self.changed > 0


def activation_kind(place: Place) -> str:
    """ "LeakyReLU" and "functional leaky_relu" -> "leakyrelu"; "" where the place is no activation."""
    name = place.kind.removeprefix("functional ").replace("_", "").lower()
    return name if name in ACTIVATION_NAMES else ""


#: Element-wise activations by torch's own names without underscores (softmax is a distribution, not an activation).
ACTIVATION_NAMES = frozenset((
    "sigmoid", "tanh", "softsign", "hardtanh", "hardsigmoid", "logsigmoid", "tanhshrink", "hardshrink", "softshrink", "threshold",
    "relu", "relu6", "leakyrelu", "prelu", "rrelu", "elu", "celu", "selu", "gelu", "silu", "mish", "softplus", "hardswish",
))  # fmt: skip


def hidden_activations(facts: Facts) -> list[Place]:
    """Activations that are neither the output nor a gate, as the watched run saw them."""
    return activations(facts, "hidden")


def activations(facts: Facts, role: str) -> list[Place]:
    """Activations of one role that can be reached: modules, and calls of the user's own (not those inside an LSTM or a library's layer, which
    have no line).
    """
    reached = [p for p in facts.places if p.call is not None or p.file or not p.kind.startswith("functional ")]
    return [p for p in reached if p.role == role and activation_kind(p)]


def integer_inputs(facts: Facts) -> Text | None:
    """Why inputs cannot be scaled: they are token numbers, or the like."""
    if str(facts.notes.get("input.dtype") or "float").startswith(("int", "uint", "bool")) or any(
        p.kind.startswith("Embedding") and p.order == 0 for p in facts.places
    ):
        return Text("The inputs are integers.", "输入是整数。")
    return None


def at_line(place: Place) -> str:
    """ " (train.py:14)", or "" where the line is not known."""
    return f" ({place.file}:{place.line})" if place.file and place.line else ""


def setting(facts: Facts, name: str) -> float | None:
    """A number that the first optimizer was built with; None where it has no such setting."""
    value = facts.optimizers[0].settings.get(name) if facts.optimizers and not facts.optimizers[0].by_hand else None
    return None if value is None or isinstance(value, bool) else float(value)


class SourceChange(Remedy):
    """What only the source of the script says, and only a change of the source can mend."""

    moment = "start"
    written_only = True

    def apply(self, training: Training) -> None:
        """Nothing."""

    def in_force(self, training: Training) -> bool | None:
        """Never by injection."""
        return False


class ActivationSwap(Remedy):
    """Another function in place of every hidden activation."""

    touches = "model"
    order = 20
    #: How the new activation is written in a script.
    written: ClassVar[str]

    @abstractmethod
    def activation(self) -> nn.Module:
        """One new activation."""

    def precondition(self, facts: Facts) -> Text | None:
        """There is a hidden activation, and it is another one."""
        hidden = hidden_activations(facts)
        if facts.places and not hidden:
            return Text("No hidden activation was seen.", "没有看到隐藏层激活函数。")
        if hidden and all(activation_kind(p) == self.id.replace("-", "") for p in hidden):
            return Text(f"Every hidden activation is already {self.id}.", f"所有隐藏层激活函数都已经是 {self.id}。")
        return None

    def apply(self, training: Training) -> None:
        """Swap modules and function calls."""
        from unstuck.attach.activation_swap import rewrite

        training.memory[self.id] = rewrite(training, "hidden", self.activation)

    def in_force(self, training: Training) -> bool | None:
        """The new modules are still in the model, and swapped calls were passed."""
        swap = training.memory.get(self.id)
        return swap is not None and bool(swap.in_force())

    def edit(self, draft: Draft) -> None:
        """Where every hidden activation is written."""
        from unstuck.edits.activations import swap_activations

        swap_activations(draft, self.written)

    def advice(self, facts: Facts) -> Text:
        """Old activation, its line, new activation."""
        hidden = hidden_activations(facts)
        old = f"{hidden[0].kind}{at_line(hidden[0])}" if hidden else "hidden activation"
        return Text(f"{old}  ->  {self.written}, in every hidden layer", f"{old}  ->  {self.written}，用于每个隐藏层")


class Reinitialise(Remedy):
    """New starting weights for linear and convolution layers (and for recurrent ones where `recurrent` says how)."""

    touches = "weights"
    order = 10

    @abstractmethod
    def fill(self, weight: torch.Tensor, generator: torch.Generator) -> None:
        """Write new values into a weight [out, in, ...]."""

    def recurrent(self, weight: torch.Tensor, generator: torch.Generator) -> bool:
        """Write new values into one gate's weight of a recurrent layer; False leaves it as it was."""
        return False

    def apply(self, training: Training) -> None:
        """Fill every layer that is neither tied nor unfinished; biases become 0."""
        from unstuck.attach.starting_weights import reinitialise

        training.memory[self.id] = reinitialise(training, self.fill, self.recurrent)

    def in_force(self, training: Training) -> bool | None:
        """Training began from these weights (no checkpoint was loaded over them)."""
        start = training.memory.get(self.id)
        return None if start is None else start.in_force()


class AddNorm(Remedy):
    """A normalisation after every hidden linear or convolution layer."""

    touches = "model"
    order = 30
    #: How the layer is written in a script.
    written: ClassVar[str]

    @abstractmethod
    def norm(self, layer: nn.Module, features: int) -> nn.Module:
        """The norm that fits a layer with so many output features or channels."""

    def precondition(self, facts: Facts) -> Text | None:
        """There is a hidden layer."""
        layers = [p for p in facts.places if p.role == "hidden" and p.kind.startswith(("Linear", "Conv"))]
        if facts.places and not layers:
            return Text("No hidden linear or convolution layer was seen.", "没有看到隐藏的线性层或卷积层。")
        return None

    def apply(self, training: Training) -> None:
        """Hang a norm on each layer, as its child, so that `model.fc1.weight` goes on working."""
        from unstuck.attach.layer_hooks import add_norms

        training.memory[self.id] = add_norms(training, self.norm)

    def in_force(self, training: Training) -> bool | None:
        """The norms are still there and were passed."""
        norms = training.memory.get(self.id)
        return norms is not None and bool(norms.in_force())

    def advice(self, facts: Facts) -> Text:
        """What to write after the layers."""
        return Text(f"after every hidden layer: {self.written}", f"在每个隐藏层之后加：{self.written}")


class StepSetting(Remedy):
    """Settings of the optimizer that hold for the length of every step; the script's own are put back after it.

    So a schedule, OneCycleLR or a line that sets the rate by hand goes on working on the script's own number, and cannot undo the change.
    """

    touches = "optimizer"
    moment = "ready"
    order = 60

    @abstractmethod
    def change(self, group: Mapping[str, Any], step: int, training: Training) -> dict[str, Any]:
        """New values for one parameter group at one step (from 0)."""

    def apply(self, training: Training) -> None:
        """Hold the settings for every optimizer."""
        from unstuck.attach.step_hooks import hold_settings

        holds = [hold_settings(training, o, lambda group, step: self.change(group, step, training)) for o in training.optimizers]
        training.memory[self.id] = holds

    def in_force(self, training: Training) -> bool | None:
        """Every optimizer made its steps with the settings held."""
        holds = training.memory.get(self.id, [])
        return bool(holds) and all(hold.in_force() for hold in holds)


class LearningRateFactor(StepSetting):
    """The learning rate times a factor that may depend on the step."""

    @abstractmethod
    def factor(self, step: int, training: Training) -> float:
        """The factor at a step (from 0)."""

    def change(self, group: Mapping[str, Any], step: int, training: Training) -> dict[str, Any]:
        """The script's learning rate of this moment, times the factor."""
        return {"lr": group["lr"] * self.factor(step, training)}


class OptimizerSwap(Remedy):
    """Another optimizer over the same parameters."""

    touches = "optimizer"
    moment = "ready"
    order = 65
    #: Class name in torch.optim, and the settings it gets.
    kind: ClassVar[str]
    settings: ClassVar[dict[str, float]]

    def precondition(self, facts: Facts) -> Text | None:
        """One of torch's own optimizers, and another one."""
        kinds = {o.kind for o in facts.optimizers}
        if kinds & {"LBFGS", "SparseAdam"}:
            return Text("The optimizer works by a closure or on sparse gradients.", "优化器使用闭包或稀疏梯度。")
        if kinds == {self.kind} and self.kind != "SGD":
            return Text(f"The optimizer is already {self.kind}.", f"优化器已经是 {self.kind}。")
        return None

    def apply(self, training: Training) -> None:
        """Turn every optimizer into the other kind, in place."""
        from unstuck.attach.step_hooks import become

        for optimizer in training.optimizers:
            own_rate = type(optimizer).__name__ == self.kind == "SGD"  # another momentum, not another optimizer
            settings = {key: value for key, value in self.settings.items() if key != "lr" or not own_rate}
            become(training, optimizer, self.kind, settings)

    def in_force(self, training: Training) -> bool | None:
        """The optimizers are of the new kind, and still have its settings (a schedule may move the rate)."""
        fixed = [(key, value) for key, value in self.settings.items() if key != "lr"]
        kinds = all(type(o).__name__ == self.kind for o in training.optimizers)
        return kinds and all(group[key] == value for o in training.optimizers for group in o.param_groups for key, value in fixed)

    def edit(self, draft: Draft) -> None:
        """Where the optimizer is built."""
        from unstuck.edits.optimizers import exchange

        exchange(draft, self.kind, self.settings)

    def advice(self, facts: Facts) -> Text:
        """Old and new constructor."""
        old = facts.optimizers[0].kind if facts.optimizers else "..."
        line = f"optimizer = torch.optim.{self.kind}({', '.join(['...', *(f'{k}={v:g}' for k, v in self.settings.items())])})"
        return Text(f"{old}  ->  {line}", f"{old}  ->  {line}")


class PatchedLoss(Remedy):
    """Losses of torch.nn.functional (which the loss modules call too) get other arguments, or become another loss."""

    touches = "loss"
    moment = "start"
    order = 5
    #: Functions of torch.nn.functional that are patched.
    patches: ClassVar[tuple[str, ...]]

    @abstractmethod
    def rewrite(self, name: str, loss: Any, output: torch.Tensor, target: torch.Tensor, rest: dict[str, Any]) -> torch.Tensor | None:
        """The loss to use instead of `loss(output, target, **rest)`; None leaves the call as it is."""

    def apply(self, training: Training) -> None:
        """Patch the functions."""
        from unstuck.attach.loss_patches import patch_losses

        training.memory[self.id] = patch_losses(training, self.patches, self.rewrite)

    def in_force(self, training: Training) -> bool | None:
        """The last training call of the loss was rewritten."""
        tally = training.memory.get(self.id)
        return tally is not None and bool(tally.in_force())
