"""What a `GradScaler` does: how it scales the loss, and which steps it leaves out."""

from __future__ import annotations

import weakref
from typing import Any

import torch
from torch.optim import Optimizer


class LossScaling:
    """The loss scaler of the script, where there is one. Reads nothing from an accelerator: what lies there stays a tensor."""

    def __init__(self) -> None:
        #: A scaler, or an optimizer that is told by one whether to step, was seen.
        self.used = False
        self._scaler: weakref.ref[Any] | None = None
        #: The scaled loss of this step (by id) and the loss as it was.
        self._scaled: tuple[int, torch.Tensor] | None = None
        #: Did this step's optimizer leave its parameters as they were, because the gradients were not finite?
        self._skipped: float | torch.Tensor = 0.0

    def saw_scale(self, scaler: Any, outputs: torch.Tensor, result: torch.Tensor) -> None:
        """`scaler.scale(outputs)` gave `result`."""
        self.used = True
        self._scaler = weakref.ref(scaler)
        self._scaled = (id(result), outputs.detach())

    def saw_step(self, optimizer: Optimizer) -> None:
        """An optimizer is about to step; a fused one gets told by the scaler whether to do it."""
        found = getattr(optimizer, "found_inf", None)
        if isinstance(found, torch.Tensor):
            self._skipped = float(found.item() > 0) if found.device.type == "cpu" else (found.detach() > 0).float().reshape(())

    def saw_skip(self) -> None:
        """The scaler did not call the optimizer."""
        self.used = True
        self._skipped = 1.0

    def unscaled(self, root: torch.Tensor) -> tuple[torch.Tensor, float | torch.Tensor]:
        """The loss that the script computed, and the factor by which `root`, which is differentiated, is larger."""
        if self._scaled is None or self._scaled[0] != id(root):
            return root.detach(), 1.0
        scale = self.scale()
        return self._scaled[1], 1.0 if scale is None else scale

    def scale(self) -> float | torch.Tensor | None:
        """The factor in use: a number on the CPU, a copied tensor elsewhere; None without an enabled scaler."""
        scaler = self._scaler() if self._scaler is not None else None
        scale = getattr(scaler, "_scale", None)
        if scaler is None or not scaler.is_enabled() or not isinstance(scale, torch.Tensor):
            return None
        return float(scale.item()) if scale.device.type == "cpu" else scale.detach().clone().reshape(())

    def end_step(self) -> dict[str, float | torch.Tensor]:
        """amp.scale and amp.skipped (1 = the step was left out) of the step that is over; nothing without a scaler."""
        scale = self.scale()
        skipped, self._skipped, self._scaled = self._skipped, 0.0, None
        return {} if scale is None else {"amp.scale": scale, "amp.skipped": skipped}
