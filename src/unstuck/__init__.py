"""unstuck: finds out why a PyTorch network won't train, and proves what fixes it.

with unstuck.watch(model, optimizer) as run:      # around a loop of your own
    train(...)
run.diagnose()

unstuck.treat(recipe)                             # a function seed -> Training
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unstuck.attach.watching import Run, watch
    from unstuck.diagnosis import diagnose
    from unstuck.records import Finding, Report, Trace, Verdict
    from unstuck.store import load
    from unstuck.training import Recipe, Training
    from unstuck.treatment import treat

__version__ = "0.1.0"

#: Public name -> module that holds it; loaded on first use, so that `import unstuck` loads no torch.
_HOMES = {
    "Finding": "unstuck.records",
    "Recipe": "unstuck.training",
    "Report": "unstuck.records",
    "Run": "unstuck.attach.watching",
    "Trace": "unstuck.records",
    "Training": "unstuck.training",
    "Verdict": "unstuck.records",
    "diagnose": "unstuck.diagnosis",
    "load": "unstuck.store",
    "treat": "unstuck.treatment",
    "watch": "unstuck.attach.watching",
}

__all__ = ["Finding", "Recipe", "Report", "Run", "Trace", "Training", "Verdict", "diagnose", "load", "treat", "watch"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'unstuck' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
