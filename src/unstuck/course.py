"""How far a pursuit goes, and what it knows at any moment; shared by `screening.py`, `confirming.py` and `pursuit.py`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from unstuck.ledger import Candidate, Record, Remedies, Want, fresh_seeds
from unstuck.search import Measurement


@dataclass(frozen=True)
class Course:
    """How far a pursuit goes; fixed before the first arm."""

    #: Lengths of the screened arms, ascending.
    horizons: tuple[int, ...]
    #: Numbers of steps at which the yardstick shows, ascending.
    shown: tuple[int, ...]
    #: Fewest steps after which an arm says anything.
    shortest: int = 1
    #: Nothing is proven yet, and so many times what may be spent on that is spent.
    enough: Callable[[float], bool] = lambda _times: False
    #: So many further arms of so many steps are affordable once something is proven, where so many times the usual may be spent on that.
    affordable: Callable[[int, int, float], bool] = lambda _arms, _steps, _times: False
    #: A combination can be applied to this program.
    fits: Callable[[Remedies], bool] = lambda _: True
    #: The first finding is as good as certain: its own remedy is screened through the whole run before anything else.
    sure: bool = False
    #: What the start of an arm costs, in steps.
    start: float = 0.0
    #: What the treatment has cost so far, in full runs.
    spent: Callable[[], float] = lambda: 0.0
    #: The check-up: what is to be tried, ordered anew; None = as it was.
    doubt: Callable[[], Sequence[Sequence[Candidate]] | None] = lambda: None


@dataclass
class Trials:
    """What a pursuit knows; `measure` fills `record.readings` with what it is asked for."""

    record: Record
    measure: Measurement
    course: Course
    #: Longest screened arm of each candidate.
    screened: dict[Remedies, int] = field(default_factory=dict)
    #: Length up to which a second seed spoke against a candidate.
    refuted: dict[Remedies, int] = field(default_factory=dict)

    @property
    def seed(self) -> int:
        """Pair number of the screening."""
        return self.record.plan.seed

    @property
    def margin(self) -> float:
        """Differences below it are of no interest."""
        return self.record.yardstick.margin

    @property
    def first(self) -> Remedies:
        """The first finding's own first remedy."""
        return next(iter(self.record.tried))

    def ask(self, wants: Sequence[Want]) -> None:
        """Only what is not known."""
        missing = [w for w in wants if w not in self.record.readings]
        if missing:
            self.measure(missing)

    def gain(self, remedies: Remedies, steps: int) -> float | None:
        """Of the screened arm over the watched run."""
        return self.record.gain(remedies, self.seed, steps)

    def value(self, remedies: Remedies, seed: int, steps: int) -> float | None:
        """What this arm gave, larger = better."""
        sign = 1 if self.record.yardstick.higher_is_better else -1
        reading = self.record.readings.get(Want(remedies, seed, steps))
        return None if reading is None or reading.value is None else sign * reading.value

    def values(self, remedies: Remedies, steps: int, seeds: Sequence[int]) -> list[float]:
        """What these arms gave, larger = better."""
        return [v for seed in seeds if (v := self.value(remedies, seed, steps)) is not None]

    def watched(self) -> list[float]:
        """The untouched curve of the watched run wherever it shows, larger = better."""
        self.ask([Want((), self.seed, s) for s in self.course.shown])
        return [v for s in self.course.shown if (v := self.value((), self.seed, s)) is not None]

    def mean(self, remedies: Remedies, steps: int) -> float:
        """Of the gains in the pairs that a confirmation has so far; one pair lost by divergence is worse than any that are won."""
        gains = [g for s in fresh_seeds(self.record.plan) if (g := self.record.gain(remedies, s, steps)) is not None]
        if -math.inf in gains:
            return -math.inf
        return math.fsum(gains) / len(gains) if gains else 0.0

    def longer(self, steps: int) -> int:
        """The next length of arms that is about twice as long; the same where there is none."""
        return next((h for h in self.course.horizons if h >= 1.5 * steps), max(steps, self.course.horizons[-1]))

    def leads(self, remedies: Remedies) -> bool:
        """The first finding proposes it."""
        cause = self.record.tried[remedies].root_cause
        return bool(cause) and cause == self.record.tried[self.first].root_cause
