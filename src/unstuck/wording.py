"""The words that everything shares which people read: names of root causes, outcomes, places, numbers; in the language of `speaking`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from unstuck.language import _, choose, chosen
from unstuck.records import CheckOutcome, Facts, Finding, Outcome, Place, Severity, Text

#: Words of Latin letters stay whole; a Chinese character may end a line, but no line begins with closing punctuation.
_UNITS = re.compile(r"\s+|(?:[^\s\u2e80-\u9fff\uff00-\uffef]+|.)[，。；：、）》」”％]*")


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Say everything inside the block in `lang`."""
    before = chosen()
    choose(lang)
    try:
        yield
    finally:
        choose(before)


def both(say: Callable[[], str]) -> Text:
    """What `say` says, in both languages."""
    said = []
    for lang in ("en", "zh"):
        with speaking(lang):
            said.append(say())
    return Text(*said)


def counted(number: int, one: str, many: str) -> str:
    """`one` or `many`, filled with the number."""
    return (one if number == 1 else many).format(n=number)


def wrap(text: str, width: int, indent: int = 0, hanging: int = 0) -> list[str]:
    """Lines of at most `width` cells, indented, all but the first by `hanging` more; a Chinese character takes two cells."""
    from rich.cells import cell_len

    lines = [" " * indent]
    for unit in _UNITS.findall(text):
        if cell_len(lines[-1] + unit.rstrip()) > width and lines[-1].strip():
            lines.append(" " * (indent + hanging))
        if lines[-1].strip() or not unit.isspace():
            lines[-1] += unit
    return [line.rstrip() for line in lines]


# ------------------------------------------------------------------------------------------------------------ words


def severity(word: Severity, *, preview: bool = False) -> str:
    """error, warning, note; and whether the rule is still in preview."""
    said = {"error": _("error"), "warning": _("warning"), "note": _("note")}[word]
    return _("{word} (preview)").format(word=said) if preview else said


def outcome(word: Outcome) -> str:
    """helps, harms, no difference, unclear."""
    return {"helps": _("helps"), "harms": _("harms"), "no-difference": _("no difference"), "unclear": _("unclear")}[word]


def check(name: str) -> str:
    """What a check of the check-up is called; its id where it has no name."""
    return {
        "one-batch": _("one batch by heart"),
        "blank-inputs": _("blanked inputs"),
        "shuffled-targets": _("shuffled targets"),
        "modes": _("train and eval mode"),
        "learning-rates": _("other learning rates"),
    }.get(name, name)


def check_outcome(word: CheckOutcome) -> str:
    """passed, failed, unclear, not possible."""
    return {"passed": _("good"), "failed": _("bad"), "unclear": _("unclear"), "not-possible": _("not possible")}[word]


def root_cause(name: str) -> str:
    """The id, with its name in front where the reader's language is not that of the ids."""
    return name if spoken(name) == name else f"{spoken(name)} ({name})"


def spoken(name: str) -> str:
    """A root cause as a list calls it: by its id in English, by its name in every other language."""
    return name if chosen() == "en" else cause_names().get(name, name)


def cause_names() -> dict[str, str]:
    """What each root cause is called (see `records.ROOT_CAUSES`)."""
    return {
        "vanishing-gradient": _("vanishing gradient"),
        "exploding-gradient": _("exploding gradient"),
        "dead-units": _("dead units"),
        "saturated-activation": _("saturated activation"),
        "blocked-gradient": _("blocked gradient"),
        "missing-zero-grad": _("missing zero_grad"),
        "non-finite": _("non-finite values"),
        "bad-init-scale": _("bad scale of the initial weights"),
        "symmetric-init": _("symmetric initial weights"),
        "loss-output-mismatch": _("loss does not fit the output"),
        "label-noise": _("wrong labels"),
        "lr-too-high": _("learning rate too high"),
        "lr-too-low": _("learning rate too low"),
        "batch-too-small": _("batch too small"),
        "batch-too-large": _("batch too large"),
        "momentum-too-high": _("momentum too high"),
        "schedule-misuse": _("misused learning-rate schedule"),
        "over-regularised": _("too much regularisation"),
        "clipping-too-tight": _("gradient clipping too tight"),
        "inputs-not-normalised": _("inputs not normalised"),
        "targets-not-normalised": _("targets not normalised"),
        "not-shuffled": _("data not shuffled"),
        "class-imbalance": _("class imbalance"),
        "split-mismatch": _("training and validation data differ"),
        "leakage": _("validation samples in the training data"),
        "bad-input-values": _("bad input values"),
        "eval-mode-missing": _("validation in training mode"),
        "train-mode-missing": _("training in eval mode"),
        "batchnorm-misuse": _("misused batch normalisation"),
        "overfitting": _("overfitting"),
        "underfitting": _("underfitting"),
        "missing-nonlinearity": _("missing nonlinearity"),
        "degradation": _("degradation with depth"),
        "long-range-dependency": _("long-range dependency"),
    }


def yardstick(name: str) -> str:
    """`validation accuracy`; names that only the script knows stay as they are."""
    phase, _space, metric = name.partition(" ")
    sentence = {"validation": _("validation {metric}"), "training": _("training {metric}"), "printed": _("printed {metric}")}.get(phase)
    return sentence.format(metric={"accuracy": _("accuracy"), "loss": _("loss")}.get(metric, metric)) if sentence and metric else name


def where(places: Sequence[Place]) -> str:
    """`net.0 … net.12 (Sigmoid)`."""
    names = [_("the whole run") if p.name == "run" else p.name for p in places]
    kinds = list(dict.fromkeys(p.kind for p in places if p.kind and p.kind != p.name))
    span = ", ".join(names) if len(names) < 3 else f"{names[0]} … {names[-1]}"
    return f"{span} ({', '.join(kinds[:3])}{', …' if len(kinds) > 3 else ''})" if kinds else span


def line_of(finding: Finding, facts: Facts) -> str:
    """`train.py:14`: the first line that made one of its places; the script where none is known."""
    known = next((p for p in finding.places if p.file), None)
    if known is None:
        return facts.script
    return f"{known.file}:{known.line}" if known.line is not None else str(known.file)


def written_like(*values: float) -> Callable[[float], str]:
    """A way to write numbers that shows three digits of the largest of `values`."""
    largest = max((abs(v) for v in values if math.isfinite(v)), default=0.0)
    if largest and not 1e-3 <= largest < 1e5:
        return lambda value: f"{value:.2e}"
    digits = max(2 - math.floor(math.log10(0.999 * largest)), 0) if largest else 0  # 1.000 beside 0.987
    return lambda value: f"{round(value, digits) + 0.0:.{digits}f}"  # + 0.0: no "-0.00"
