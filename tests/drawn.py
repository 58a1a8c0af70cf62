"""Small traces and reports for what draws: made by hand, with numbers that a test can look for on the page."""

from __future__ import annotations

import numpy as np

from unstuck.records import (
    Curves,
    Evidence,
    Facts,
    Finding,
    LossFacts,
    OptimizerFacts,
    ParameterFacts,
    Place,
    Report,
    Signal,
    Skipped,
    Text,
    Trace,
    Trial,
    Verdict,
    Yardstick,
)

HOSTILE = "</script><script>window.pwned=1</script><img src=x onerror='window.pwned=2'>\"'`{{7*7}}"


def trace(layers: int = 4, samples: int = 40, *, names: dict[int, str] | None = None, seed: int = 0) -> Trace:
    """A chain of Linear and Sigmoid whose gradient shrinks fourfold per place, and a loss that falls and then breaks off."""
    random = np.random.default_rng(seed)
    places = []
    for i in range(2 * layers):
        kind = "Sigmoid" if i % 2 else "Linear"
        name = (names or {}).get(i, f"net.{i}")
        places.append(Place(name=name, kind=kind, order=i, file="train.py", line=10 + i // 2, role="hidden", shape=(32, 64)))
    steps = np.arange(samples) * 3
    signals = []

    def add(name: str, place: Place, values: np.ndarray, at: np.ndarray = steps) -> None:
        signals.append(Signal(name=name, place=place, unit="", steps=at, values=values.astype(np.float32)))

    for i, place in enumerate(places):
        noise = 1 + 0.01 * random.standard_normal(samples)
        add("gradient.norm", place, 0.5 ** (2 * (2 * layers - 1 - i)) * noise)
        add("activation.std", place, (0.5 if i % 2 else 1.0) * noise)
        add("gradient.gain", place, np.full(samples, np.nan if i == 0 else 0.25 if i % 2 else 0.9))
        if place.kind == "Linear":
            weight = Place(name=f"{place.name}.weight", kind="weight", order=i, shape=(64, 64), file="train.py", line=10)
            add("update.ratio", weight, 1e-3 * 0.5**i * noise)
        else:
            add("activation.saturated_share", place, np.linspace(0, 0.6, samples))
    run = Place(name="run", kind="run")
    every = np.arange(3 * samples)
    loss = 2.5 - 0.01 * np.minimum(every, 100)
    loss[every == 30] = 9.0
    add("loss.value", run, loss, every)
    add("validation.accuracy", run, np.array([0.1, 0.4, 0.3, 0.2]), np.array([10, 40, 70, 100]))
    facts = Facts(
        script="train.py",
        exit="finished",
        steps=3 * samples,
        sampled=samples,
        overhead=0.012,
        seconds=12.5,
        places=tuple(places),
        parameters=(ParameterFacts(name="net.0.weight", shape=(64, 64), module="net.0", requires_grad=True, optimizer=0),),
        optimizers=(OptimizerFacts(kind="SGD", settings={"lr": 0.1}),),
        loss=LossFacts(kind="cross-entropy"),
        batch_size=32,
        models=("Net",),
    )
    return Trace(facts, tuple(signals))


def report(seen: Trace, *, tried: bool = True) -> Report:
    """A finding with evidence on that trace, and its trials."""
    places = tuple(p for p in seen.facts.places if p.kind == "Sigmoid")
    finding = Finding(
        rule="vanishing-gradient",
        root_cause="vanishing-gradient",
        severity="error",
        confidence=0.97,
        places=places,
        message=Text("The gradient shrinks 0.25x per layer.", "梯度每层缩小到 0.25 倍。"),
        evidence=(
            Evidence(signal="gradient.norm", place=seen.facts.places[0].name, step=0, value=3.1e-9),
            Evidence(signal="loss.value", place="run", step=30, value=9.0),
        ),
        first_step=21,
        remedies=("relu",),
        explains=("saturated-activation",),
    )
    saturated = Finding(
        rule="saturated-activation",
        root_cause="saturated-activation",
        places=places[:1],
        message=Text("0.6 of the outputs are at a bound.", "0.6 的输出处于边界。"),
        evidence=(Evidence(signal="activation.saturated_share", place=places[0].name, step=9, value=0.6),),
    )
    return Report(
        facts=seen.facts,
        findings=(finding, saturated),
        skipped=(Skipped(rule="overfitting", reason=Text("no validation phase seen", "没有看到验证阶段")),),
        clean=("dead-units", "lr-too-high"),
        verdicts=(verdict("relu", "helps", 0.9), verdict("higher-lr", "no-difference", 0.12)) if tried else (),
        best=("relu",) if tried else (),
        signals=6,
        measured_places=9,
    )


def verdict(remedy: str, outcome: str, level: float) -> Verdict:
    control = (0.11, 0.10, 0.12, 0.13)
    treated = (level, level + 0.01, None, level - 0.01)
    trial = Trial(
        remedies=(remedy,),
        seeds=(0, 1, 2, 3),
        steps=120,
        yardstick=Yardstick(name="validation accuracy"),
        control=control,
        treated=treated,
        root_cause="vanishing-gradient",
        symptom_gone=outcome == "helps",
        curves=curves(level),
    )
    return Verdict(trial=trial, outcome=outcome, effect=level - 0.11, interval=(level - 0.15, level - 0.07), pairs=3)


def curves(level: float) -> Curves:
    """Flat controls, treated arms that rise to the level, and one of them that ends early."""
    steps = tuple(range(9, 118, 12))
    control = tuple(tuple(0.1 + 0.01 * pair + 0.002 * (i % 2) for i in range(len(steps))) for pair in range(4))
    treated = tuple(
        tuple(0.1 + (level - 0.1) * (i / (len(steps) - 1)) ** 0.5 + 0.02 * pair for i in range(len(steps))) for pair in range(4)
    )
    return Curves(steps=steps, control=control, treated=(*treated[:2], (*treated[2][:4], *[None] * (len(steps) - 4)), treated[3]))
