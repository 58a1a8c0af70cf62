"""What the treatment of one case of a clinic came to, beside its recorded fix and random search."""

from __future__ import annotations

from dataclasses import dataclass, replace

#: Gains on `final_metric` that differ by less than this share of the fix's gain are the same; a fix that gains less than this is not
#: compared with.
SAME_SHARE, LEAST_GAIN = 0.02, 0.01


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What one way of searching came to on one case."""

    best: tuple[str, ...] = ()
    effect: float | None = None
    interval: tuple[float, float] | None = None
    pairs: int = 0
    steps: int = 0
    arms: int = 0
    seconds: float = 0.0
    #: Optimizer steps of all arms, the check-up's among them.
    arm_steps: int = 0
    #: Cost of all arms in full runs, by steps and starts; and what it was when something was first proven.
    runs: float = 0.0
    proven_at: float = 0.0
    #: Mean of the script's own `final_metric` with the remedies, over the final pairs.
    final: float | None = None
    #: Its gain as a share of the recorded fix's; None = there is nothing to compare.
    share: float | None = None

    @property
    def proven(self) -> bool:
        """Something helps, with a lower bound above 0 (or it alone lives on where the untouched training diverges)."""
        return bool(self.best)


@dataclass(frozen=True, kw_only=True)
class Treated:
    """One case."""

    case: str
    half: str
    root_cause: str
    #: Root cause that stood first.
    found: str = ""
    steps: int = 0
    #: Seconds of one core of one full run that is hardly watched, without the start of Python and the imports.
    full_run_s: float = 0.0
    yardstick: str = ""
    ours: Tried = Tried()
    random: Tried | None = None
    #: Means of `final_metric` of the script and of its fixed twin on the final pairs.
    untouched: float | None = None
    fixed: float | None = None
    #: A help that was claimed for a healthy script came out again on fresh seeds.
    repeats: bool | None = None
    note: str = ""
    failed: str = ""

    @property
    def healthy(self) -> bool:
        """Nothing is wrong with it."""
        return self.root_cause == "none"

    @property
    def cost(self) -> float | None:
        """Of the trials, in full runs; None where nothing was tried."""
        return self.ours.seconds / self.full_run_s if self.full_run_s and self.ours.arms else None

    @property
    def cost_in_steps(self) -> float | None:
        """The same by optimizer steps: without the start of the arms, and the same on a busy machine."""
        return self.ours.arm_steps / self.steps if self.steps and self.ours.arms else None

    @property
    def against_random(self) -> int | None:
        """1 = better than random search, 0 = the same, -1 = worse, None = not compared. Random search is given our cost, and may finish what it
        has begun by then, as a treatment may: in the end it may cost a few times as much.
        """
        return None if self.random is None else against(self.ours, self.random)

    @property
    def at_equal_cost(self) -> int | None:
        """The same where only what random search proved before it had cost more than our whole treatment counts."""
        if self.random is None:
            return None
        late = self.random.proven_at > self.ours.runs
        return against(self.ours, replace(self.random, best=(), share=None) if late else self.random)


def against(ours: Tried, other: Tried) -> int:
    """1 = better than the other, 0 = the same, -1 = worse: by what is proven, then by the share of the fix's gain."""
    if ours.proven != other.proven or not ours.proven:
        return ours.proven - other.proven
    if ours.share is None or other.share is None or abs(ours.share - other.share) <= SAME_SHARE:
        return 0
    return 1 if ours.share > other.share else -1


def gain_share(untouched: float | None, fixed: float | None, treated: float | None) -> float | None:
    """What a remedy gains, as a share of what the fix gains; None where a number is missing or the fix gains nothing."""
    if untouched is None or fixed is None or treated is None or fixed - untouched < LEAST_GAIN:
        return None
    return (treated - untouched) / (fixed - untouched)
