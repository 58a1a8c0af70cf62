"""The rules on data, modes, schedules and starting weights: for each a trace where it speaks, one where it is silent, and a near miss."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from traces import LossFacts, OptimizerFacts, ParameterFacts, TargetFacts, parameters, place, trace

from unstuck import plugins, reading
from unstuck.attach import data_flow, graph, loss_graph
from unstuck.diagnosis import ask
from unstuck.probes.parameters import Parameters as ProbeOfParameters
from unstuck.records import Finding, Trace
from unstuck.training import Parameters

RNG = np.random.default_rng(0)
FALL = np.geomspace(2.3, 0.1, 200)
FLAT = np.full(200, 2.3)


def found(name: str, t: Trace) -> list[Finding]:
    """What one rule says; an error inside it fails the test."""
    findings, reason = ask(plugins.rules()[name], t)
    assert reason is None or "failed" not in reason.en, reason
    return findings


def alarms(name: str, t: Trace) -> list[str]:
    return [f.severity for f in found(name, t) if f.severity != "note"]


def scores(training: float | None = None, validation: float | None = None, kind: str = "accuracy") -> dict[Any, Any]:
    table: dict[Any, Any] = {}
    if training is not None:
        table["training." + kind, "run"] = training
    if validation is not None:
        table["validation." + kind, "run"] = np.full(8, validation)
    return table


def classes(shares: list[float] | np.ndarray) -> dict[Any, Any]:
    """The same shares in every batch, or a table [batches, classes]."""
    table = np.tile(shares, (20, 1)) if np.ndim(shares) == 1 else np.asarray(shares)
    return {("target.class_share", f"target[{i}]"): table[:, i] for i in range(table.shape[1])}


CE = LossFacts(kind="cross-entropy", input_shape=(32, 10), target_shape=(32,))
MSE = LossFacts(kind="mse", input_shape=(32, 1), target_shape=(32, 1))
SGD, ADAM = OptimizerFacts(kind="SGD", settings={"lr": 0.1}), OptimizerFacts(kind="Adam", settings={"lr": 1e-3})
TEN = classes([0.1] * 10)

# -------------------------------------------------------------------------------------------- loss-output-mismatch


def divergence(low: float, high: float, signature: tuple[str, ...] = ("DivBackward0", "SumBackward0", "SubBackward0")) -> Trace:
    loss = LossFacts(kind="kl-div", signature=signature, input_shape=(32, 5), target_shape=(32, 5))
    return trace({("output.min", "output"): np.full(20, low), ("output.max", "output"): np.full(20, high)}, loss=loss)


def test_a_kl_divergence_of_probabilities() -> None:
    assert alarms("loss-output-mismatch", divergence(0.0, 0.9)) == ["error"]
    assert not found("loss-output-mismatch", divergence(-9.0, -1e-6)), "log-probabilities"
    assert not found("loss-output-mismatch", divergence(0.0, 0.0)), "log-probabilities of a single class"
    assert not found("loss-output-mismatch", divergence(0.0, 0.9, ("SumBackward0", "XlogyBackward0"))), "written by hand, of probabilities"


# ------------------------------------------------------------------------------------------------ blocked-gradient


def blocked(order: list[str], facts: tuple[ParameterFacts, ...], accuracy: float, **notes: Any) -> Trace:
    signals = {("parameter.gradient_norm", p.name): 1.0 for p in facts if not p.grad_missing and p.optimizer is not None}
    signals |= {("update.norm", p.name): 0.01 for p in facts if not p.grad_missing and p.optimizer is not None}
    signals |= {("loss.value", "run"): FLAT, ("parameter.norm", "x"): 1.0}
    return trace(
        {**signals, **scores(accuracy), **TEN},
        parameters=facts,
        places=[place(n, order=i) for i, n in enumerate(order)],
        notes={"calls.order": order, **notes},
    )


def test_blocked_gradient() -> None:
    shape = (64, 64)
    cut = parameters(a=(shape, True, 0, True), b=(shape, True, 0, True), c=(shape, True, 0, False))
    assert alarms("blocked-gradient", blocked(["a", "b", "c"], cut, 0.6)) == ["error"]
    assert not alarms("blocked-gradient", blocked(["a", "b", "c"], cut, 0.99)), "does well all the same"
    head = parameters(a=(shape, True, 0, False), b=(shape, True, 0, False), out=((10, 64), True, None, False))
    assert alarms("blocked-gradient", blocked(["a", "b", "out"], head, 0.3)) == ["error"]
    nothing = parameters(a=(shape, True, 0, True), b=(shape, True, 0, True))
    assert alarms("blocked-gradient", blocked(["a", "b"], nothing, 0.1)) == ["error"]
    learning = parameters(a=(shape, True, 0, False), b=(shape, True, 0, False))
    assert alarms("blocked-gradient", blocked(["a", "b"], learning, 0.6, **{"parameters.between": 4})) == ["error"]
    listed = {"parameters.orphans": ["parameter [64, 64]", "parameter [300, 64]", "parameter [64]"]}
    assert alarms("blocked-gradient", blocked(["a", "b"], learning, 0.2, **listed)) == ["error"], "the first layers, in a plain list"


def test_blocked_gradient_of_one_of_several_optimizers() -> None:
    def two(change: float, held: int | None = 1) -> Trace:
        facts = parameters(d=((64, 2), True, 0, False), g=((64, 4), True, held, True))
        facts = (facts[0], replace(facts[1], changed=bool(change)))
        t = blocked(["d"], facts, 0.7)
        own = trace({("update.norm", "g.weight"): change}) if held else trace({})
        return replace(t, signals=(*t.signals, *own.signals))

    assert alarms("blocked-gradient", two(0.0)) == ["error"], "a generator that only sees what was detached"
    assert not found("blocked-gradient", two(0.01)), "it has moved: its gradients are sparse"
    assert not found("blocked-gradient", two(0.0, held=None)), "nobody trains it"


def test_blocked_gradient_of_weights_that_are_rounded_first() -> None:
    def quantised(gradient: float, varied: float = 0.5, kind: str = "Linear") -> Trace:
        weight = ParameterFacts(name="q.weight", shape=(24, 20), module="q", requires_grad=True, optimizer=0, grad_missing=False)
        bias, head = replace(weight, name="q.bias", shape=(24,)), replace(weight, name="head.weight", module="head", shape=(6, 24))
        norms = {"q.weight": gradient, "q.bias": 0.1, "head.weight": 0.2}
        signals: dict[Any, Any] = {("parameter.gradient_norm", n): v for n, v in norms.items()} | {
            ("update.norm", n): v for n, v in norms.items()
        }
        signals |= {("input.std", "input"): varied, ("parameter.norm", "x"): 1.0, ("loss.value", "run"): FLAT, **scores(0.5), **TEN}
        places = [place("q", kind, order=0), place("head", "Linear", order=1)]
        return trace(signals, parameters=(weight, bias, head), places=places, notes={"calls.order": ["q", "head"]})

    assert alarms("blocked-gradient", quantised(0.0)) == ["error"]
    assert not found("blocked-gradient", quantised(1e-9))
    assert not found("blocked-gradient", quantised(0.0, varied=0.0)), "inputs that are all zero give no gradient either"
    assert not found("blocked-gradient", quantised(0.0, kind="LSTM")), "recurrent weights behind a state of zeros"


def test_blocked_gradient_of_layers_in_a_plain_list() -> None:
    learning = parameters(a=((64, 64), True, 0, False))
    assert alarms("blocked-gradient", blocked(["a"], learning, 0.6, **{"parameters.inside": 4})) == ["warning"]
    assert not alarms("blocked-gradient", blocked(["a"], learning, 0.97, **{"parameters.inside": 4})), "does well all the same"


def test_blocked_gradient_near_misses() -> None:
    shape = (64, 64)
    healthy = parameters(a=(shape, True, 0, False), b=(shape, True, 0, False))
    assert not found("blocked-gradient", blocked(["a", "b"], healthy, 0.2)), "poor, but everything learns"
    few = {"parameters.orphans": ["parameter [64, 64]", "a.weight"]}
    assert not found("blocked-gradient", blocked(["a", "b"], healthy, 0.2, **few)), "a small one that is nobody's"
    listed = {"parameters.orphans": ["parameter [300, 64]"]}
    assert not found("blocked-gradient", blocked(["a", "b"], healthy, 0.7, **listed)), "it learns without it"
    sparse = replace(blocked(["a", "b"], healthy, 0.2), signals=tuple(
        s for s in blocked(["a", "b"], healthy, 0.2).signals if s.name != "parameter.gradient_norm"
    ))  # fmt: skip
    assert not found("blocked-gradient", sparse), "sparse gradients are not measured, but the optimizer moves what has them"
    unused = parameters(a=(shape, True, 0, False), aux=((10, 64), True, 0, True), b=(shape, True, 0, False))
    assert not found("blocked-gradient", blocked(["a", "aux", "b"], unused, 0.7)), "an auxiliary head that the loss does not use"
    assert not found("blocked-gradient", blocked(["a", "b"], unused, 0.7)), "and one that is not even called"
    left_out = parameters(a=(shape, True, None, False), b=(shape, True, None, False), out=((10, 64), True, 0, False))
    assert not found("blocked-gradient", blocked(["a", "b", "out"], left_out, 0.7)), "a head trained on a backbone that is left alone"
    past = parameters(table=((500, 64), True, 0, True), a=(shape, True, 0, False), b=(shape, True, 0, False))
    assert alarms("blocked-gradient", blocked(["a", "b"], past, 0.2)) == ["warning"], "most weights are read past the graph"
    assert not found("blocked-gradient", blocked(["a", "b"], past, 0.7)), "unused, and not missed"
    frozen = parameters(a=(shape, False, None, True), b=(shape, False, None, True), out=((10, 64), True, 0, False))
    assert not found("blocked-gradient", blocked(["a", "b", "out"], frozen, 0.8)), "frozen on purpose"
    assert alarms("blocked-gradient", blocked(["a", "b", "out"], frozen, 0.3)) == ["warning"]


# ------------------------------------------------------------------------------------------------ starting weights


def rows(share: list[float], role: str = "hidden", accuracy: float = 0.1) -> Trace:
    weight = place("a.weight", "weight", shape=(64, 32))
    signals = {("parameter.identical_share", "a.weight"): share, ("parameter.norm", "a.weight"): 1.0, **scores(accuracy), **TEN}
    return trace(signals, places=[place("a", order=0, role=role), weight], at=[0, 4])


def test_symmetric_init() -> None:
    assert alarms("symmetric-init", rows([1.0, 1.0])) == ["error"]
    assert not found("symmetric-init", rows([1.0, 0.0])), "equal only at the start"
    assert not found("symmetric-init", rows([1.0, 1.0], role="output")), "a last layer at zero"
    assert not found("symmetric-init", rows([0.3, 0.3])), "some rows that nothing has reached yet"
    assert not alarms("symmetric-init", rows([1.0, 1.0], accuracy=0.99))
    assert alarms("symmetric-init", rows([1.0, 1.0, 1.0, 0.6])) == ["error"], "rounding sets equal units apart in the end"
    assert not found("symmetric-init", rows([1.0, 1.0, 0.6, 0.6])), "they come apart"


def test_layers_that_stay_copies_of_each_other() -> None:
    places = [replace(place(f"experts.{i}.weight", "weight"), shape=(4, 2)) for i in range(2)]
    moving = np.linspace(1.0, 2.0, 20)

    def two(other: np.ndarray, first: np.ndarray = moving, accuracy: float = 0.1) -> Trace:
        signals: dict[Any, Any] = {("parameter.norm", p.name): v for p, v in zip(places, (first, other), strict=True)}
        return trace({**signals, ("parameter.identical_share", "a.weight"): 0.0, **scores(accuracy), **TEN}, places=places)

    assert alarms("symmetric-init", two(moving)) == ["error"]
    assert not alarms("symmetric-init", two(moving, accuracy=0.99)), "it learns all the same"
    assert not found("symmetric-init", two(np.where(np.arange(20) < 3, moving, moving + 1e-5))), "equal only at the start"
    assert not found("symmetric-init", two(np.ones(20), np.ones(20))), "frozen"
    target = parameters(experts__1=((4, 2), False, None, True))
    follows = replace(two(moving), facts=replace(two(moving).facts, parameters=target))
    assert not found("symmetric-init", follows), "a target network, copied at every step"


def test_two_factors_at_zero_never_move() -> None:
    names = ("down.weight", "up.weight")

    def factors(norm: float, gradient: float, accuracy: float = 0.4, both: bool = True, trained: bool = True) -> Trace:
        signals: dict[Any, Any] = {("parameter.norm", n): norm for n in (names if both else names[:1])}
        signals |= {("parameter.gradient_norm", n): gradient for n in names}
        held = parameters(down=((4, 8), trained, 0 if trained else None, False), up=((8, 4), trained, 0 if trained else None, False))
        return trace({**signals, ("parameter.identical_share", "a.weight"): 0.0, **scores(accuracy), **TEN}, parameters=held)

    assert alarms("symmetric-init", factors(0.0, 0.0)) == ["error"]
    assert not found("symmetric-init", factors(0.0, 1.0)), "a zero that gets a gradient leaves it"
    assert not found("symmetric-init", factors(1.0, 0.0)), "blocked, not symmetric"
    assert not found("symmetric-init", factors(0.0, 0.0, both=False)), "one alone is an unused layer"
    assert not found("symmetric-init", factors(0.0, 0.0, trained=False)), "frozen on purpose"
    assert not alarms("symmetric-init", factors(0.0, 0.0, accuracy=0.98)), "it learns all the same"


def test_symmetric_init_of_an_embedding() -> None:
    table = place("a.weight", "weight", shape=(150, 6))
    for name, expected in (("parameter.identical_columns", ["error"]), ("parameter.identical_share", [])):
        t = trace(
            {(name, "a.weight"): [1.0, 1.0], **scores(0.1), **TEN}, places=[place("a", "Embedding", order=0, role="gate"), table], at=[0, 4]
        )
        signals = (*t.signals, *trace({("parameter.identical_share", "x"): [0.0, 0.0]}).signals)
        assert alarms("symmetric-init", replace(t, signals=signals)) == expected, name


def test_units_of_a_recurrent_layer_are_compared_in_all_gates() -> None:
    equal = torch.arange(3.0).repeat_interleave(4)[:, None].expand(12, 4).contiguous()  # 3 gates of 4 units
    other = equal.clone()
    other[5:7] += 0.1
    for recurrent, expected in ((equal, 1.0), (other, 1 / 3)):
        places = (place("gru.weight_ih_l0", "parameter", shape=(12, 5)), place("gru.weight_hh_l0", "parameter", shape=(12, 4)))
        tensors = [equal[:, :1].expand(12, 5), recurrent]
        stepped = Parameters(places, tensors, list(tensors), np.ones(2), np.ones(2), np.zeros(0), np.zeros(0), [0, 0])
        shares = {n: (list(p), v) for n, p, v in ProbeOfParameters._rows(stepped)}["parameter.identical_share"][1]
        assert shares == pytest.approx([1.0, expected])


def weights(std: float, accuracy: float, first: float, growth: float, *, norms: int = 0, zero_head: bool = False) -> Trace:
    """Four layers 100 -> 100 with weights of that standard deviation."""
    signals: dict[Any, Any] = {
        **scores(accuracy),
        **TEN,
        ("loss.value", "run"): np.geomspace(first, first / 3, 200),
        ("input.std", "input"): 1.0,
    }
    places = []
    for i in range(4):
        role = "output" if i == 3 else "hidden"
        places += [place(f"l{i}", order=2 * i, role=role), place(f"l{i}.weight", "weight", shape=(100, 100))]
        signals["parameter.norm", f"l{i}.weight"] = 0.0 if zero_head and i == 3 else std * 100
        signals["update.ratio", f"l{i}.weight"] = 0.01
        signals["activation.spread", f"l{i}"] = growth ** (i + 1)
    places += [place(f"n{i}", "LayerNorm", order=2 * i + 1, role="norm") for i in range(norms)]
    return trace(signals, places=places, loss=CE)


def test_bad_init_scale() -> None:
    assert alarms("bad-init-scale", weights(1.0, 0.3, 200.0, 8.0)) == ["error"]
    assert alarms("bad-init-scale", weights(0.01, 0.1, 2.3, 0.07)) == ["error"]
    assert not alarms("bad-init-scale", weights(1.0, 0.98, 200.0, 8.0)), "learned all the same"


def test_bad_init_scale_near_misses() -> None:
    for std, what in ((0.058, "default"), (0.1, "orthogonal"), (0.141, "He")):
        assert not found("bad-init-scale", weights(std, 0.2, 2.3, 1.0)), what
    assert not found("bad-init-scale", weights(1.0, 0.3, 2.3, 8.0, norms=3)), "layers of their own repair the scale"
    assert not found("bad-init-scale", weights(0.01, 0.3, 2.3, 0.07, norms=3)), "0.02 and less in front of layer norms"
    assert not found("bad-init-scale", weights(0.1, 0.3, 2.3, 1.0, zero_head=True)), "a last layer at zero"
    assert not found("bad-init-scale", weights(1.0, 0.3, 2.3, 1.0)), "large weights without any consequence"


def tied(std: float, first: float) -> Trace:
    """A usual body under an output layer whose weight goes by the embedding's name; its inputs have a mean square of 1."""
    t = weights(0.1, 0.3, first, 1.0)
    shared = [s for s in t.signals if s.place.name != "l3.weight"]
    extra = trace(
        {("activation.std", "l2"): 0.8, ("activation.mean", "l2"): 0.6, ("activation.mean", "l3"): 0.0, ("activation.std", "l3"): std},
        places=[place("l2", order=4, role="hidden"), place("l3", order=6, role="output")],
    )
    return replace(t, signals=(*shared, *extra.signals))


def test_an_output_layer_tied_to_an_embedding_of_standard_deviation_one() -> None:
    assert alarms("bad-init-scale", tied(12.0, 30.0)) == ["error"]
    assert not found("bad-init-scale", tied(12.0, 3.0)), "the loss does not suffer"
    assert not found("bad-init-scale", tied(1.0, 30.0)), "the loss is large for another reason"


# ------------------------------------------------------------------------------------------------ modes


def modes(
    root: list[float],
    layers: list[float],
    accuracy: float = 0.5,
    *,
    phases: list[float] | None = None,
    kind: str = "BatchNorm1d",
    **notes: Any,
) -> Trace:
    steps = list(range(20, 20 + len(root)))
    signals: dict[Any, Any] = {("mode.root_share", "run"): root, ("mode.layer_share", "run"): layers, **scores(accuracy), **TEN}
    t = trace(signals, places=[place("n", kind, order=1, role="norm")], at=steps, notes=notes)
    if phases is not None:
        extra = trace({("validation.root_mode", "run"): phases}, at=[19 + i for i in range(len(phases))])
        t = replace(t, signals=(*t.signals, *extra.signals))
    return t


def test_train_mode_missing() -> None:
    stuck = [1.0] * 5 + [0.0] * 15
    assert alarms("train-mode-missing", modes(stuck, stuck, phases=[0.0])) == ["error"]
    assert alarms("train-mode-missing", modes([0.0] * 20, [0.0] * 20, **{"modes.fresh_norms": ["n"]})) == ["error"]
    assert not found("train-mode-missing", modes([1.0] * 20, [1.0] * 20, phases=[0.0]))


def test_train_mode_missing_near_misses() -> None:
    assert not found("train-mode-missing", modes([1.0] * 20, [0.0] * 20)), "batch norms frozen while the root trains"
    assert not alarms("train-mode-missing", modes([0.0] * 20, [0.0] * 20, 0.95)), "a pretrained net in evaluation mode that does well"
    assert alarms("train-mode-missing", modes([0.0] * 20, [0.0] * 20, 0.2)) == ["warning"]
    late = [1.0] * 10 + [0.0] * 10
    frozen = parameters(n=((8,), False, None, True))
    assert not found("train-mode-missing", replace(modes(late, late), facts=replace(modes(late, late).facts, parameters=frozen)))
    assert not found("train-mode-missing", modes([0.0] * 20, [])), "no layer that has a mode"


def evaluated(
    root: list[float],
    layers: list[float],
    more: dict[Any, Any] | None = None,
    *,
    covered: float = 0.0,
    count: int = 5,
    models: int = 1,
    steps: int = 200,
) -> Trace:
    signals: dict[Any, Any] = {("validation.root_mode", "run"): root, ("validation.mode_share", "run"): layers, **(more or {})}
    signals["validation.covered_share", "run"] = np.full(len(root), covered)
    return trace(
        signals,
        at=[40 * (i + 1) for i in range(len(root))],
        steps=steps,
        places=[place("drop", "Dropout", order=1)],
        notes={"validation.phases": count, "modes.validation.train": ["drop"]},
        models=("Net",) * models,
        optimizers=(ADAM,) * models,
    )


def test_eval_mode_missing() -> None:
    assert alarms("eval-mode-missing", evaluated([1.0] * 5, [1.0] * 5)) == ["warning"]
    assert not found("eval-mode-missing", evaluated([0.0] * 5, [0.0] * 5))


def test_eval_mode_missing_near_misses() -> None:
    assert not found("eval-mode-missing", evaluated([0.0] * 5, [1.0] * 5)), "dropout kept on in a net that is in evaluation mode"
    assert not found("eval-mode-missing", evaluated([1.0, 0.0] * 3, [1.0, 0.0] * 3)), "both ways of looking"
    assert not found("eval-mode-missing", evaluated([1.0] * 5, [1.0] * 5, covered=1.0)), "a pass over the training set"
    assert not found("eval-mode-missing", evaluated([1.0] * 5, [1.0] * 5, count=180)), "a part of the training step"
    assert not alarms("eval-mode-missing", evaluated([1.0] * 5, [1.0] * 5, models=2)), "a generator's pictures"
    drawn = {("validation.own_repeats", "run"): np.full(5, 0.97)}
    assert not alarms("eval-mode-missing", evaluated([1.0] * 5, [1.0] * 5, drawn)), "Monte Carlo dropout: each sample is asked many times"
    assert alarms("eval-mode-missing", evaluated([1.0] * 5, [1.0] * 5, scores(0.9, 0.94, "r2"))) == ["warning"], "good, and could be better"
    assert not alarms("eval-mode-missing", evaluated([1.0] * 5, [1.0] * 5, scores(0.9, 0.99, "r2"))), "nothing left to gain"
    no_layers = evaluated([1.0] * 5, [1.0] * 5)
    assert not found("eval-mode-missing", replace(no_layers, signals=no_layers.signals[:1]))


def normed(size: int, count: float, validation: float, training: float = 0.9, gap: float = 0.1, factor: float = 1.0) -> Trace:
    signals: dict[Any, Any] = {("norm.count", "bn"): count, ("norm.mean_gap", "bn"): gap, ("norm.var_ratio", "bn"): factor}
    return trace(
        {**signals, **scores(training, validation), **TEN},
        places=[place("bn", "BatchNorm1d", order=1, role="norm")],
        batch_size=size,
        notes={"modes.training.train": ["bn"]},
    )


def test_batchnorm_misuse() -> None:
    assert alarms("batchnorm-misuse", normed(2, 2, 0.3)) == ["error"]
    assert alarms("batchnorm-misuse", normed(64, 64, 0.2, gap=3.0, factor=30.0)) == ["error"]
    assert alarms("batchnorm-misuse", normed(64, 64, 0.75, gap=0.6, factor=2.8)) == ["error"], "lagging behind, at a price"
    losses = trace({**TEN, ("loss.value", "run"): np.geomspace(2.3, 0.01, 200), ("validation.loss", "run"): 0.8}, loss=CE)
    right = normed(64, 64, 0.9, gap=0.6, factor=2.8)
    assert not found("batchnorm-misuse", right), "lagging behind at no price"
    right = replace(right, signals=(*right.signals, *losses.signals), facts=replace(right.facts, loss=CE))
    assert alarms("batchnorm-misuse", right) == ["error"], "the answers are right, the loss is not"
    assert not found("batchnorm-misuse", normed(64, 64, 0.9))


def test_running_statistics_of_the_newest_batch_alone() -> None:
    def newest(gap: float, validation: float = 0.6, rows: float = 1000.0) -> Trace:
        t = normed(64, 64, validation, gap=gap)
        known = trace({("validation.trained_rows", "run"): np.full(8, rows)})
        return replace(t, signals=t.signals + known.signals)

    assert alarms("batchnorm-misuse", newest(0.001)) == ["error"]
    assert not found("batchnorm-misuse", newest(0.1)), "the usual momentum: off by about a batch's sampling error"
    assert not found("batchnorm-misuse", newest(0.001, 0.88)), "nothing comes of it"
    assert not found("batchnorm-misuse", newest(0.001, rows=64.0)), "every batch is the whole set"


def test_batchnorm_misuse_near_misses() -> None:
    assert not found("batchnorm-misuse", normed(2, 2, 0.97)), "small batches that do well"
    assert not found("batchnorm-misuse", normed(4, 4096, 0.3)), "large images: many values per channel"
    assert not found("batchnorm-misuse", normed(64, 64, 0.9, 0.95, gap=3.0)), "statistics that lag while nothing comes of it"
    assert not found("batchnorm-misuse", normed(64, 64, 0.2, gap=0.3, factor=1.3)), "overfitting with statistics that lag a little"
    assert not found("batchnorm-misuse", normed(64, 64, 0.2)), "overfitting with statistics that match"


# ------------------------------------------------------------------------------------------------ architecture


def stack(pairs: list[list[str]], bends: list[str], accuracy: float, widths: tuple[int, ...] = (64, 64, 64, 10)) -> Trace:
    names = [f"l{i}" for i in range(len(widths) - 1)]
    facts = parameters(**{n: ((o, i), True, 0, False) for n, i, o in zip(names, widths, widths[1:], strict=False)})
    return trace(
        {**scores(accuracy), **TEN},
        places=[place(n, order=i, role="hidden") for i, n in enumerate(names)],
        parameters=facts,
        notes={"graph.linear_pairs": pairs, "graph.bends": bends},
    )


def test_missing_nonlinearity() -> None:
    bare = [["l0", "l1", ""], ["l1", "l2", "norm"]]
    assert alarms("missing-nonlinearity", stack(bare, [], 0.5)) == ["error"]
    assert alarms("missing-nonlinearity", stack(bare, ["Relu"], 0.5)) == ["warning"]
    assert not found("missing-nonlinearity", stack([], ["Relu"], 0.5))


def test_missing_nonlinearity_near_misses() -> None:
    bare = [["l0", "l1", ""], ["l1", "l2", ""]]
    assert not found("missing-nonlinearity", stack(bare, [], 0.99)), "a linear net for a linear task"
    assert not found("missing-nonlinearity", stack([["l0", "l1", ""]], ["Relu"], 0.5)), "one projection"
    assert not found("missing-nonlinearity", stack([["l0", "l1", ""]], [], 0.5, (64, 8, 64))), "a low-rank factor"
    assert not found("missing-nonlinearity", stack([], [], 0.5, (64, 10))), "logistic regression"


def test_matrices_that_a_script_multiplies_with_one_another() -> None:
    def chain(*shapes: tuple[int, int], bends: tuple[str, ...] = ()) -> Trace:
        names = [f"matmul(w.{i})" for i in range(len(shapes))]
        held = tuple(
            ParameterFacts(name=f"w.{i}", shape=s, module="w", requires_grad=True, optimizer=0, grad_missing=False)
            for i, s in enumerate(shapes)
        )
        pairs = [[a, b, ""] for a, b in pairwise(names)]
        places = [place(n, "functional matmul", order=i) for i, n in enumerate(names)]
        return trace(
            {**scores(0.5), **TEN}, places=places, parameters=held, notes={"graph.linear_pairs": pairs, "graph.bends": list(bends)}
        )

    assert alarms("missing-nonlinearity", chain((64, 3), (64, 64), (2, 64))) == ["error"], "outputs first"
    assert alarms("missing-nonlinearity", chain((3, 64), (64, 64), (64, 2))) == ["error"], "inputs first"
    assert not found("missing-nonlinearity", chain((64, 4), (4, 64))), "a low-rank factor"
    assert not found("missing-nonlinearity", chain((64, 3), (40, 30))), "they share no size"
    assert not found("missing-nonlinearity", chain((64, 3), (64, 64), bends=("Relu",))), "one joint of a net that has activations"


# ------------------------------------------------------------------------------------------------ data


def inputs(stds: list[float], *, accuracy: float = 0.5, nonfinite: float = 0.0, zero: float = 0.0, **values: float) -> Trace:
    signals: dict[Any, Any] = {("input.std", "input"): float(np.mean(stds)), ("input.nonfinite_share", "input"): [0.0] * 19 + [nonfinite]}
    signals |= {("input.zero_share", "input"): zero, ("input.levels", "input"): 1000.0}
    signals |= {("input." + k, "input"): v for k, v in values.items()}
    signals |= {("input.feature_std", f"input[{i}]"): s for i, s in enumerate(stds)}
    return trace({**signals, **scores(accuracy), **TEN}, places=[place("l0", order=0)])


def test_bad_input_values() -> None:
    assert alarms("bad-input-values", inputs([1.0] * 8, nonfinite=0.01)) == ["error"]
    assert alarms("bad-input-values", inputs([0.0] * 8)) == ["error"]
    assert alarms("bad-input-values", inputs([1.0] * 5 + [0.0] * 3, zero=0.375)) == ["warning"]
    assert alarms("bad-input-values", inputs([1.0] * 8, sentinel_share=0.25)) == ["warning"]
    assert alarms("bad-input-values", inputs([1.0] * 8, wrap_ratio=0.3)) == ["warning"]
    assert not found("bad-input-values", inputs([1.0] * 8, sentinel_share=0.0, wrap_ratio=2.0))


def common(means: list[float], stds: list[float]) -> Trace:
    signals = {("input.feature_mean", f"input[{i}]"): m for i, m in enumerate(means)}
    signals |= {("input.feature_std", f"input[{i}]"): s for i, s in enumerate(stds)}
    signals |= {("input.mean", "input"): float(np.mean(means)), ("input.std", "input"): float(np.std(means))}
    return trace({**signals, **scores(0.3), **TEN}, places=[place("l0", order=0)])


def test_inputs_that_are_all_but_the_same_for_all_samples() -> None:
    rows = common([-0.3] * 12 + [3.4], [0.02] * 13)
    assert alarms("inputs-not-normalised", rows) == ["error"], "each sample standardised by itself, one column far above the others"
    assert not found("inputs-not-normalised", common([0.0] * 8 + [1.0], [1.0] * 8 + [0.01])), "one column is constant, the others are not"
    assert not found("inputs-not-normalised", common([0.5] * 64, [0.2] * 64)), "pictures between 0 and 1"
    assert not found("inputs-not-normalised", common([-0.3] * 3, [0.02] * 3)), "small numbers near zero"


def picture(content: float, channels: int, accuracy: float = 0.5) -> Trace:
    weight = ParameterFacts(name="l0.weight", shape=(8, channels, 3, 3), module="l0", requires_grad=True, optimizer=0, grad_missing=False)
    flat = inputs([0.3] * 8, zero=1 - content, accuracy=accuracy)
    signals = tuple(replace(s, values=s.values * 0 + 2) if s.name == "input.levels" else s for s in flat.signals)
    return replace(flat, facts=replace(flat.facts, places=(place("l0", "Conv2d", order=0),), parameters=(weight,)), signals=signals)


def test_pictures_that_an_integer_division_has_emptied() -> None:
    assert alarms("bad-input-values", picture(0.06, 1)) == ["warning"]
    assert not found("bad-input-values", picture(0.2, 1)), "black and white drawings"
    assert not found("bad-input-values", picture(0.06, 12)), "one plane for each kind of piece"
    assert not alarms("bad-input-values", picture(0.06, 1, accuracy=0.99))


def test_bad_input_values_near_misses() -> None:
    assert not found("bad-input-values", inputs([1.0] * 60 + [0.0] * 4, zero=0.06)), "the dark border of small pictures"
    assert not found("bad-input-values", inputs([0.1] * 40 + [0.0] * 24, zero=0.97)), "rare words of a bag of words"
    assert not alarms("bad-input-values", inputs([1.0] * 5 + [0.0] * 3, zero=0.375, accuracy=0.99)), "nothing was lost"


def split(shift: float, factor: float, validation: float | None, *, n: float = 200.0, covered: float = 0.0) -> Trace:
    signals: dict[Any, Any] = {}
    for i in range(8):
        signals["input.feature_mean", f"input[{i}]"] = RNG.normal(0, 0.1, 20)
        signals["input.feature_std", f"input[{i}]"] = 1.0
        signals["validation.feature_mean", f"input[{i}]"] = [shift, shift]
        signals["validation.feature_std", f"input[{i}]"] = [factor, factor]
    for name, value in (("rows", n), ("trained_rows", 1000.0), ("covered_share", covered)):
        signals["validation." + name, "run"] = [value, value]
    return trace({**signals, **scores(0.95, validation), **TEN}, batch_size=50)


def test_split_mismatch() -> None:
    assert alarms("split-mismatch", split(2.0, 1.0, 0.2)) == ["error"]
    assert alarms("split-mismatch", split(30.0, 20.0, None)) == ["error"]
    assert alarms("split-mismatch", split(30.0, 20.0, 0.85)) == ["warning"], "surely other inputs, and some harm"
    assert not found("split-mismatch", split(30.0, 20.0, 0.94)), "surely other inputs, which the net masters"
    assert not found("split-mismatch", split(2.0, 1.0, 0.85)), "perhaps another domain, and little harm"
    assert not found("split-mismatch", split(0.0, 1.0, 0.9))
    assert not found("split-mismatch", split(0.0, 1.0, 0.2)), "overfitting on samples of one kind"


def test_channels_in_reverse_order() -> None:
    def coloured(seen: list[float], validation: float = 0.2) -> Trace:
        signals: dict[Any, Any] = {("validation." + k, "run"): [v, v] for k, v in (("rows", 400.0), ("trained_rows", 1000.0))}
        for i, mean in enumerate([0.1, -0.3, -0.25]):
            signals["input.feature_mean", f"input[{i}]"] = np.full(20, mean)
            signals["input.feature_std", f"input[{i}]"] = 1.0
            signals["validation.feature_mean", f"input[{i}]"] = [seen[i], seen[i]]
            signals["validation.feature_std", f"input[{i}]"] = [1.0, 1.0]
        return trace({**signals, **scores(0.95, validation), **TEN}, batch_size=50)

    assert alarms("split-mismatch", coloured([-0.23, -0.35, 0.08])) == ["error"]
    assert not found("split-mismatch", coloured([0.08, -0.35, -0.23])), "as they were"
    assert not found("split-mismatch", coloured([-0.23, -0.35, 0.08], 0.9)), "the net does not mind"
    assert not found("split-mismatch", coloured([0.4, -0.3, 0.1])), "neither order"


def words(distance: float, noise: float, validation: float | None = 0.1, covered: float = 0.0) -> Trace:
    values = {"id_distance": distance, "id_noise": noise, "rows": 200.0, "covered_share": covered}
    return trace({**{("validation." + k, "run"): v for k, v in values.items()}, **scores(0.95, validation), **TEN})


def test_split_mismatch_of_ids() -> None:
    assert alarms("split-mismatch", words(0.3, 0.05)) == ["error"]
    assert not found("split-mismatch", words(0.06, 0.05)), "overfitting on texts of one kind"
    assert not found("split-mismatch", words(0.3, 0.2)), "few texts with many words"
    assert not found("split-mismatch", words(0.3, 0.05, 0.9)), "other texts, which the net masters"
    assert not found("split-mismatch", words(0.3, 0.05, covered=1.0)), "the training set itself"


def test_split_mismatch_near_misses() -> None:
    assert not found("split-mismatch", split(0.3, 0.8, 0.2)), "noise that only the training inputs get"
    assert not alarms("split-mismatch", split(2.0, 1.0, 0.94)), "another domain that the net masters"
    assert not found("split-mismatch", split(0.8, 1.0, 0.2, n=25.0)), "within what 25 samples may show"
    assert not found("split-mismatch", split(2.0, 1.0, 0.9, covered=1.0)), "the training set itself"


def leaky(
    repeated: float,
    *,
    covered: float = 0.2,
    own: float = 0.0,
    levels: float = 1500.0,
    n: float = 300.0,
    phases: int = 3,
    known: float = 1.0,
) -> Trace:
    values = {
        "repeated_share": repeated,
        "covered_share": covered,
        "own_repeats": own,
        "rows": n,
        "trained_rows": 1000.0,
        "known_share": known,
    }
    signals: dict[Any, Any] = {("validation." + k, "run"): np.full(phases, v) for k, v in values.items()}
    return trace({**signals, ("input.levels", "input"): levels, **scores(0.99, 0.9), **TEN}, batch_size=32)


def test_leakage() -> None:
    assert alarms("leakage", leaky(0.3)) == ["warning"]
    assert not found("leakage", leaky(0.0))


def test_one_of_several_inputs_repeats_by_nature() -> None:
    towers = leaky(0.98, own=0.6, covered=0.8)
    assert alarms("leakage", towers) == ["warning"], "copies, divided after they were made"
    assert not found("leakage", replace(towers, facts=replace(towers.facts, notes={**towers.facts.notes, "inputs.alone": False})))
    assert found("leakage", replace(towers, facts=replace(towers.facts, notes={**towers.facts.notes, "inputs.alone": True})))


def test_leakage_of_a_subset() -> None:
    assert alarms("leakage", leaky(1.0)) == ["warning"], "no other rows were ever looked at"
    inside = [1.0] * 8 + [0.0]
    phases = {"repeated_share": inside, "covered_share": [0.2 * v for v in inside], "own_repeats": [0.0] * 9, "rows": [300.0] * 9}

    def tested(score: float) -> Trace:
        signals: dict[Any, Any] = {("validation." + k, "run"): v for k, v in phases.items()}
        signals |= {("validation.trained_rows", "run"): [1000.0] * 9, ("input.levels", "input"): 1500.0}
        signals |= {("training.r2", "run"): 0.9, ("validation.r2", "run"): [*np.linspace(0.1, 0.9, 8), score]}
        return trace(signals)

    assert alarms("leakage", tested(0.1)) == ["warning"], "the test tells another story"
    assert alarms("leakage", tested(0.65)) == ["warning"], "a quarter of what validation promised is missing"
    assert [f.severity for f in found("leakage", tested(0.85))] == ["note"], "a look at a part of the training set, and an honest test"


def test_leakage_near_misses() -> None:
    assert not found("leakage", leaky(0.9, covered=1.0)), "a look at the training set on purpose"
    assert [f.severity for f in found("leakage", leaky(1.0, phases=2))] == ["note"], "a part of the training set, looked at in passing"
    assert [f.severity for f in found("leakage", leaky(0.5, phases=2, known=0.5))] == ["note"], "likewise, with one half of that set known"
    assert alarms("leakage", leaky(0.2, phases=2, known=0.5)) == ["warning"], "far fewer than are known"
    assert not found("leakage", leaky(0.1, own=0.1, levels=4.0)), "coarse inputs that repeat by chance"
    assert not found("leakage", leaky(0.01)), "three rows of three hundred"


def regression(mean: float, std: float, r2: float, out: tuple[float, float], loss: np.ndarray = FALL) -> Trace:
    signals: dict[Any, Any] = {("target.mean", "target"): mean, ("target.std", "target"): std, ("loss.value", "run"): loss}
    signals |= {("output.mean", "output"): out[0], ("output.std", "output"): out[1]}
    return trace({**signals, **scores(r2, r2, "r2")}, loss=MSE, target=TargetFacts(kind="real"))


def test_targets_not_normalised() -> None:
    assert alarms("targets-not-normalised", regression(150, 77, -1.5, (20, 10))) == ["error"]
    assert alarms("targets-not-normalised", regression(2e-4, 3e-5, -100, (1e-3, 1e-2))) == ["error"]
    assert not found("targets-not-normalised", regression(0, 1, 0.2, (0, 0.3)))


def test_targets_not_normalised_near_misses() -> None:
    assert not found("targets-not-normalised", regression(150, 77, 0.95, (150, 75))), "large, and learned"
    assert not found("targets-not-normalised", regression(150, 77, 0.4, (150, 50))), (
        "noise is what is left: the outputs are where they belong"
    )
    assert not found("targets-not-normalised", regression(3.0, 1.0, 0.1, (1.0, 0.1))), "a mean of three standard deviations"


def two_heads(mean: float, std: float, accuracy: float, out: tuple[float, float]) -> Trace:
    beside: dict[Any, Any] = {("beside.target_mean", "beside"): mean, ("beside.target_std", "beside"): std}
    beside |= {("beside.output_mean", "beside"): out[0], ("beside.output_std", "beside"): out[1]}
    return trace({**beside, ("loss.value", "run"): FALL, **scores(accuracy), **TEN}, loss=CE, target=TargetFacts(kind="classes"))


def test_targets_of_a_second_head() -> None:
    assert alarms("targets-not-normalised", two_heads(1400, 450, 0.4, (1390, 50))) == ["warning"]
    assert not found("targets-not-normalised", two_heads(1400, 450, 0.95, (1390, 50))), "and the first head learns all the same"
    assert not found("targets-not-normalised", two_heads(1400, 450, 0.4, (1400, 440))), "the outputs are where they belong"
    assert not found("targets-not-normalised", two_heads(0, 1, 0.4, (0, 0.2)))


def ordered(table: np.ndarray, validation: float | None) -> Trace:
    loss = np.where(np.arange(200) % 10 == 0, 5.0, 0.1)
    return trace({**classes(table), **scores(0.9, validation), ("loss.value", "run"): loss}, batch_size=32)


def test_not_shuffled() -> None:
    pure = np.eye(10)[np.arange(20) // 2]
    assert alarms("not-shuffled", ordered(pure, 0.15)) == ["error"]
    assert alarms("not-shuffled", ordered(pure, None)) == ["warning"]
    mixed = RNG.multinomial(32, np.full(10, 0.1), 20) / 32
    assert not found("not-shuffled", ordered(mixed, 0.15))
    means = np.linspace(-2, 2, 20)
    time: dict[Any, Any] = {("target.mean", "target"): means, ("target.std", "target"): 0.1, ("loss.value", "run"): FLAT}
    time |= {("input.feature_mean", "input[0]"): means, ("input.feature_std", "input[0]"): 0.1}
    assert alarms("not-shuffled", trace({**time, **scores(0.1, 0.1, "r2")}, batch_size=32)) == ["error"]
    assert not found("not-shuffled", trace({**time, **scores(0.1, 0.9, "r2")}, batch_size=32)), "it learns all the same"


def drifting(within: float, cosine: float, r2: float, again: int = 100, **more: Any) -> Trace:
    means = np.linspace(-2, 2, 20)
    signals: dict[Any, Any] = {
        ("target.mean", "target"): RNG.normal(0, 0.1, 20),
        ("target.std", "target"): 1.0,
        ("loss.value", "run"): FLAT,
    }
    signals |= {("input.feature_mean", "input[0]"): means, ("input.feature_std", "input[0]"): within, ("gradient.cosine", "run"): cosine}
    return trace({**signals, **scores(0.1, r2, "r2")}, batch_size=32, notes={"targets.again": again}, **more)


def test_not_shuffled_along_an_input() -> None:
    assert alarms("not-shuffled", drifting(0.1, 0.95, 0.76)) == ["warning"]
    assert not found("not-shuffled", drifting(2.0, 0.95, 0.76)), "batches that differ somewhat"
    assert not found("not-shuffled", drifting(0.1, 0.2, 0.76)), "the order does not pull the net along"
    assert not found("not-shuffled", drifting(0.1, 0.95, 0.95)), "it learns all the same"
    assert not found("not-shuffled", drifting(0.1, 0.95, 0.76, again=0)), "a stream that is gone through once"
    assert not found("not-shuffled", drifting(0.1, 0.95, 0.76, models=("G", "D"), optimizers=(ADAM, ADAM))), "fakes and pictures in turn"


def test_not_shuffled_near_misses() -> None:
    pure = np.eye(10)[np.arange(20) // 2]
    assert not found("not-shuffled", ordered(pure, 0.95)), "an order on purpose: it learns"
    assert not found("not-shuffled", ordered(RNG.multinomial(4, np.full(10, 0.1), 20) / 4, 0.1)), "small batches are never even"
    rare = RNG.multinomial(32, [0.97, 0.03], 20) / 32
    assert not found("not-shuffled", ordered(rare, 0.1)), "a rare class that comes now and then"


def rare(recall: float, shares: list[float], loss: float, common: float = 0.99) -> Trace:
    signals: dict[Any, Any] = {
        **classes(shares),
        ("validation.rows", "run"): [2000.0] * 3,
        ("loss.value", "run"): np.linspace(0.7, loss, 200),
    }
    for i, share in enumerate(shares):
        signals["validation.class_share", f"target[{i}]"] = [share] * 3
        signals["validation.class_recall", f"target[{i}]"] = [common if share == max(shares) else recall] * 3
    return trace(signals, loss=LossFacts(kind="bce-with-logits"), batch_size=64)


def factorised(columns: int, role: str = "hidden", r2: float = 0.08) -> Trace:
    tables = ("p", "q")
    signals: dict[Any, Any] = {("loss.value", "run"): np.full(400, 0.9), **scores(r2, r2, "r2")}
    signals |= {("update.ratio", f"{name}.weight"): 0.01 for name in tables}
    places = [place(n, "Embedding", order=i, role=role) for i, n in enumerate(tables)]
    places += [place(f"{n}.weight", "weight", order=i, role="other") for i, n in enumerate(tables)]
    facts = tuple(ParameterFacts(name=f"{n}.weight", shape=(100, columns), module=n, requires_grad=True, optimizer=0) for n in tables)
    return trace(signals, places=places, parameters=facts, loss=LossFacts(kind="mse", input_shape=(100,), target_shape=(100,)), steps=400)


def test_underfitting_of_a_factorisation_of_rank_one() -> None:
    assert alarms("underfitting", factorised(1)) == ["warning"]
    assert not found("underfitting", factorised(8)), "wide enough: what is left may be chance"
    assert not found("underfitting", factorised(1, r2=0.6)), "one column is enough"


def pixels(
    high: float, share: float = 0.01, loss: float = 0.045, std: float | None = None, shape: tuple[int, ...] = (20, 1, 24, 24)
) -> Trace:
    signals: dict[Any, Any] = {
        ("output.max", "output"): np.full(200, high),
        ("loss.value", "run"): np.concatenate([np.linspace(0.6, loss, 100), np.full(100, loss)]),
    }
    values = {"mean": share, "std": (share * (1 - share)) ** 0.5 if std is None else std, "min": 0.0, "max": 1.0}
    signals |= {("target." + k, "target"): v for k, v in values.items()}
    maps = LossFacts(kind="bce-with-logits", reduction="mean", input_shape=shape, target_shape=shape)
    return trace(signals, loss=maps, batch_size=20)


def test_class_imbalance_of_pixels() -> None:
    assert alarms("class-imbalance", pixels(-0.5)) == ["warning"]
    assert not found("class-imbalance", pixels(0.5)), "some pixel is answered with one"
    assert not found("class-imbalance", pixels(-0.5, share=0.3)), "not rare"
    assert alarms("class-imbalance", pixels(-0.5, loss=0.0563)) == ["warning"], "the loss is at chance, but some pixels are told apart"
    assert not found("class-imbalance", pixels(-4.0, loss=0.0563)), "nothing learned beyond the shares"
    assert not found("class-imbalance", pixels(-0.5, loss=0.2)), "far from learned"
    assert not found("class-imbalance", pixels(-0.5, std=0.02)), "grey values, not zeros and ones"
    assert alarms("class-imbalance", pixels(-0.5, shape=(20, 6))) == ["warning"], "six tags of a sample"
    assert alarms("class-imbalance", pixels(-0.5, shape=(20, 300, 1))) == ["warning"], "an answer at every time step"
    assert not found("class-imbalance", pixels(0.5, shape=(20, 6))), "some tag is given"
    _, reason = ask(plugins.rules()["class-imbalance"], pixels(-0.5, shape=(20, 1)))
    assert reason is not None, "one answer per sample: its classes are counted elsewhere"


def test_class_imbalance() -> None:
    assert alarms("class-imbalance", rare(0.02, [0.97, 0.03], 0.08)) == ["warning"]
    assert not found("class-imbalance", rare(0.02, [0.5, 0.5], 0.5))


def test_class_imbalance_near_misses() -> None:
    assert not found("class-imbalance", rare(0.8, [0.97, 0.03], 0.08)), "rare, and answered"
    assert not found("class-imbalance", rare(0.02, [0.75, 0.25], 0.5)), "slightly uneven"
    assert not found("class-imbalance", rare(0.02, [0.97, 0.03], 0.20)), "nothing was learned at all: the loss is that of the shares"
    assert not found("class-imbalance", rare(0.02, [0.97, 0.03], 0.08, common=0.3)), "wrong on everything"


def rare_in_training(recalls: list[float], shares: list[float], *, positions: int = 1) -> Trace:
    """No validation: the recall of the rare class in the first and in the second half of 40 sampled batches of 32."""
    recall = np.repeat(recalls, 40 // len(recalls))
    signals: dict[Any, Any] = {("loss.value", "run"): np.linspace(0.7, 0.02, 200)}
    for i, share in enumerate(shares):
        signals["target.class_share", f"target[{i}]"] = np.full(40, share)
        signals["training.right_share", f"target[{i}]"] = share * (np.ones(40) if share == max(shares) else recall)
    loss = LossFacts(kind="cross-entropy", target_shape=(32 * positions,))
    return trace(signals, at=np.arange(0, 200, 5).tolist(), loss=loss, batch_size=32)


def test_class_imbalance_in_training_batches() -> None:
    assert alarms("class-imbalance", rare_in_training([0.0], [0.97, 0.03])) == ["warning"]
    assert not found("class-imbalance", rare_in_training([0.25], [0.99, 0.01])), "three of twelve is within luck"
    assert alarms("class-imbalance", rare_in_training([0.25], [0.99, 0.01], positions=20)) == ["warning"], "a target for every token"
    assert not found("class-imbalance", rare_in_training([0.0, 0.9], [0.97, 0.03])), "learned late"


# ------------------------------------------------------------------------------------------------ label-noise


def nothing_learned(training: float, validation: float | None, rows: float = 500.0, **notes: Any) -> Trace:
    signals: dict[Any, Any] = {("loss.value", "run"): FLAT, ("update.ratio", "l.weight"): 0.01, ("gradient.noise_ratio", "run"): 10.0}
    signals |= {("validation.rows", "run"): [rows], **scores(training, validation), **TEN}
    return trace(signals, places=[place("l.weight", "weight", shape=(64, 32))], loss=CE, batch_size=32, notes=notes)


def test_label_noise() -> None:
    assert alarms("label-noise", nothing_learned(0.22, 0.1)) == ["warning"], "by heart, and nothing else"
    assert not found("label-noise", nothing_learned(0.11, 0.1)), "not even by heart: it cannot express the task"
    assert not found("label-noise", nothing_learned(0.16, 0.1, rows=40.0)), "a lead within luck"
    assert found("label-noise", nothing_learned(0.16, 0.1, rows=400.0)), "of ten classes luck gives less than of two"
    mixed = {"targets.again": 200, "targets.conflicts": 180}
    assert alarms("label-noise", nothing_learned(0.1, 0.1, **mixed)) == ["error"]
    assert not found("label-noise", nothing_learned(0.1, 0.1, **mixed | {"targets.conflicts": 4}))
    assert not found("label-noise", nothing_learned(0.9, 0.9, **mixed)), "targets that are drawn anew, and learned"
    assert not found("label-noise", nothing_learned(0.1, 0.1, **mixed | {"targets.again": 20, "targets.conflicts": 18})), "too few"


def test_label_noise_of_samples_cut_up_by_a_view() -> None:
    cut = {"layout.mixed": [["rnn", [12, 32, 4], [32, 12, 4]]]}
    assert alarms("label-noise", nothing_learned(0.11, 0.1, **cut)) == ["error"]
    assert not found("label-noise", nothing_learned(0.9, 0.9, **cut)), "it learns all the same"


def test_label_noise_where_a_net_that_could_say_something_says_nothing() -> None:
    def able(units: int, layers: int, training: float, noise: float = 10.0, validation: float | None = 0.1) -> Trace:
        names = [f"l{i}" for i in range(layers)]
        t = nothing_learned(training, validation)
        signals = tuple(replace(s, values=s.values * 0 + noise) if s.name == "gradient.noise_ratio" else s for s in t.signals)
        held = parameters(**{n: ((units, 32), True, 0, False) for n in names})
        places = tuple(place(n, "Linear", order=i) for i, n in enumerate(names))
        return replace(t, signals=signals, facts=replace(t.facts, parameters=held, places=(*t.facts.places, *places)))

    assert alarms("label-noise", able(32, 2, 0.11)) == ["warning"]
    assert alarms("label-noise", able(32, 2, 0.11, validation=None)) == ["warning"], "nobody validates"
    wild = able(32, 2, 0.11)
    thrown = tuple(replace(s, values=s.values * 10) if s.name == "update.ratio" else s for s in wild.signals)
    assert not found("label-noise", replace(wild, signals=thrown)), "steps so large learn nothing of any labels"
    assert not found("label-noise", able(32, 2, 0.2, validation=None)), "a little is said"
    assert not found("label-noise", able(2, 2, 0.11)), "two units pass hardly anything"
    assert not found("label-noise", able(32, 20, 0.11)), "so deep a net may learn nothing for its depth"
    assert not found("label-noise", able(32, 2, 0.11, noise=0.5)), "the batches agree"
    late = able(32, 2, 0.11, noise=0.2)
    spread = [
        replace(s, steps=np.linspace(0, 199, len(s)).astype(int), values=np.linspace(0.1, 3.0, len(s)))
        for s in late.signals
        if s.name == "gradient.noise_ratio"
    ]
    others = tuple(s for s in late.signals if s.name != "gradient.noise_ratio")
    assert alarms("label-noise", replace(late, signals=(*others, *spread))) == ["warning"], (
        "at first they agreed on how common the targets are"
    )
    assert not found("label-noise", able(32, 2, 0.18, validation=0.16)), "a little is said"


def parting(rise: float, fall: float) -> Trace:
    t = nothing_learned(0.1, 0.1)
    made = trace({("validation.loss", "run"): [1.0, *np.full(9, 1 + rise)], ("loss.value", "run"): np.linspace(1.0, 1 - fall, 200)})
    return replace(t, signals=(*(s for s in t.signals if s.name != "loss.value"), *made.signals))


def test_label_noise_that_a_large_table_learns_slowly() -> None:
    assert alarms("label-noise", parting(0.018, 0.03)) == ["warning"], "the losses part before any score shows it"
    assert not found("label-noise", parting(0.018, 0.0)), "validation alone, by little"
    assert not found("label-noise", parting(0.0, 0.2)), "both fall"


# ------------------------------------------------------------------------------------------------ overfitting


def memorised(train: float, valid: float, rise: float, best: int = 1) -> Trace:
    losses = np.full(10, 1 + rise)
    losses[best] = 1.0
    return trace({("validation.loss", "run"): losses, ("training.r2", "run"): train, ("validation.r2", "run"): np.full(10, valid)})


def test_overfitting_of_samples_known_by_heart() -> None:
    assert alarms("overfitting", memorised(0.99, 0.5, 0.0)) == ["warning"], "far apart, validation stands still"
    assert alarms("overfitting", memorised(1.0, 0.65, 0.1)) == ["warning"], "nearer, and validation has lost a part of what is asked for"
    assert not found("overfitting", memorised(1.0, 0.65, 0.02)), "nearer, and validation stands still"
    assert not found("overfitting", memorised(1.0, 0.65, 0.1, best=8)), "best at the end"
    assert not found("overfitting", memorised(0.91, 0.56, 0.1)), "not every sample is known"
    assert not found("overfitting", memorised(1.0, 0.9, 0.19)), "as good on others"


def test_one_look_at_other_data_at_the_end_is_no_overfitting() -> None:
    stopped = [1.0, 0.8, 0.75, 0.76, 0.74, 0.76, 0.8, 0.78]
    signals: dict[Any, Any] = {("training.r2", "run"): 0.7, ("validation.r2", "run"): np.full(9, 0.5)}
    assert not found("overfitting", trace({**signals, ("validation.loss", "run"): [*stopped, 1.0]})), "stopped early, then tested"
    lost: dict[Any, Any] = {("validation.r2", "run"): [0.1, 0.3, 0.25, *np.zeros(7)], ("loss.value", "run"): FLAT}
    assert not found("overfitting", trace({**lost, ("training.r2", "run"): 0.08})), "it knows nothing of its training samples either"
    assert found("overfitting", trace({**lost, ("training.r2", "run"): 0.5}))
    assert alarms("overfitting", trace({**signals, ("validation.loss", "run"): [*stopped[:6], 0.9, 1.0, 1.1]})) == ["warning"]


# ------------------------------------------------------------------------------------------------ batch-too-small


def pairs(skill: float, end: float, noise: float = 50.0) -> Trace:
    swing = np.where(np.arange(200) % 2 == 0, 0.5, 1.5)
    course = np.concatenate([np.linspace(2.0, 1.0, 100), np.linspace(1.0, end, 100)])
    signals: dict[Any, Any] = {("loss.value", "run"): course * swing, ("gradient.noise_ratio", "run"): noise}
    return trace({**signals, **scores(None, skill, "r2")}, batch_size=2)


def test_batch_too_small_loses_again_what_it_learned() -> None:
    assert alarms("batch-too-small", pairs(0.5, 1.0)) == ["warning"]
    assert alarms("batch-too-small", pairs(0.84, 1.5)) == ["warning"], "good, and was better"
    assert not found("batch-too-small", pairs(0.84, 1.0)), "online learning that does well"
    assert not found("batch-too-small", pairs(0.95, 1.5)), "good enough"
    assert not found("batch-too-small", pairs(0.84, 1.5, noise=1.0)), "the batches agree"


def singles(right: float, far: float, kind: str = "cross-entropy", signature: str = "NllLossBackward0 LogSoftmaxBackward0") -> Trace:
    """Batches of one that end with `right` of the answers sure, the others at a loss of `far`; at the steps scored none is right yet."""
    end = np.where(np.arange(300) % 10 < 10 * right, 0.01, far)
    curve = np.concatenate([np.tile([1.0, 1.2], 50), end])
    loss = LossFacts(kind=kind, signature=tuple(signature.split()), input_shape=(1, 4), target_shape=(1,))
    signals: dict[Any, Any] = {("loss.value", "run"): curve, ("gradient.noise_ratio", "run"): np.inf, ("training.accuracy", "run"): 0.0}
    return trace({**signals, **classes([0.25] * 4)}, loss=loss, batch_size=1, steps=400)


def test_single_samples_that_are_answered_rightly() -> None:
    assert alarms("batch-too-small", singles(0.3, 2.0)) == ["warning"]
    assert not found("batch-too-small", singles(0.8, 9.0)), "far off now and then, but most of them are all but certain"
    assert reading.skill(singles(0.8, 9.0)) == pytest.approx((0.8 - 0.25) / 0.75)
    assert reading.skill(singles(0.8, 9.0, signature="SumBackward0")) == pytest.approx(-1 / 3), (
        "not normalised: a small loss proves nothing"
    )


def test_a_loss_that_measures_nothing_known() -> None:
    played = trace({("loss.value", "run"): np.tile([0.1, 5.0], 100), ("gradient.noise_ratio", "run"): np.inf}, batch_size=1)
    assert found("batch-too-small", replace(played, facts=replace(played.facts, loss=MSE)))
    assert not found("batch-too-small", replace(played, facts=replace(played.facts, loss=LossFacts(kind="unknown"))))


# ------------------------------------------------------------------------------------------------ over-regularised


def penalised(rest: float, spread: float, r2: float = 0.4, first: float = 0.1) -> Trace:
    signals: dict[Any, Any] = {("loss.value", "run"): FLAT, ("loss.penalty_share", "run"): np.geomspace(first, first * rest, 20)}
    signals["activation.std", "mu"] = np.geomspace(1.0, spread, 20)
    return trace({**signals, **scores(r2, None, "r2")}, places=[place("mu", "Linear", role="hidden")])


def test_over_regularised_by_a_penalty_that_was_paid_off() -> None:
    assert alarms("over-regularised", penalised(1e-3, 0.02)) == ["warning"], "a posterior that has collapsed"
    assert not found("over-regularised", penalised(1e-3, 0.5)), "a side task that is done with, and a layer that tells samples apart"
    assert not found("over-regularised", penalised(0.5, 0.02)), "the penalty is still there: it was not paid off"
    assert not found("over-regularised", penalised(1e-3, 0.02, first=0.001)), "a penalty that never mattered"
    assert not found("over-regularised", penalised(1e-3, 0.02, r2=0.9)), "it learns all the same"


def decayed(gradient: float) -> Trace:
    signals: dict[Any, Any] = {("loss.value", "run"): FLAT, ("parameter.norm", "a.weight"): np.geomspace(4.0, 0.4, 20)}
    signals["parameter.gradient_norm", "a.weight"] = gradient
    decay = OptimizerFacts(kind="Adam", settings={"lr": 1e-3, "weight_decay": 1e-3})
    return trace({**signals, **scores(0.0), **TEN}, optimizers=(decay,))


def test_weights_that_never_had_a_gradient_are_not_shrunk_by_too_strong_a_decay() -> None:
    assert alarms("over-regularised", decayed(0.1)) == ["error"]
    assert not found("over-regularised", decayed(0.0)), "nothing holds against the decay: the units before or behind are dead"


def test_dropout_that_the_training_cannot_get_over() -> None:
    def dropped(rate: float, training: float, validation: float) -> Trace:
        t = trace({("loss.value", "run"): FLAT, **scores(training, validation), **TEN}, loss=CE)
        return replace(t, facts=replace(t.facts, notes={"dropout.max": rate}))

    assert alarms("over-regularised", dropped(0.9, 0.2, 0.3)) == ["warning"]
    assert alarms("over-regularised", dropped(0.9, 0.2, 0.7)) == ["warning"], (
        "without it the net does far better, and could do better still"
    )
    assert not found("over-regularised", dropped(0.9, 0.65, 0.7)), "the training has got over it"
    assert not found("over-regularised", dropped(0.9, 0.2, 0.95)), "it learns all the same"
    assert not found("over-regularised", dropped(0.3, 0.2, 0.3)), "a usual rate"


# ------------------------------------------------------------------------------------------------ degradation


def deep(plain: int | None, accuracy: float = 0.3, layers: int = 30) -> Trace:
    places = [place(f"l{i}", order=i) for i in range(layers)]
    signals: dict[Any, Any] = {("gradient.norm", p.name): 0.1 for p in places}
    notes = {} if plain is None else {"graph.plain_layers": plain}
    return trace({**signals, ("loss.value", "run"): FALL, **scores(accuracy), **TEN}, places=places, notes=notes)


def test_degradation() -> None:
    assert alarms("degradation", deep(30)) == ["warning"]
    assert alarms("degradation", deep(None)) == ["warning"], "the graph was not seen"
    assert not found("degradation", deep(2)), "a residual net that has not finished"
    assert not found("degradation", deep(30, accuracy=0.9)), "deep and good"
    assert not found("degradation", deep(8, layers=8)), "a few layers"


def test_layers_that_a_shortcut_passes_are_not_counted() -> None:
    layers = [torch.nn.Linear(4, 4) for _ in range(6)]

    def net(x: torch.Tensor, every: int) -> torch.Tensor:
        for i, layer in enumerate(layers):
            y = torch.relu(layer(x))
            x = x + y if every and i % every == 0 else y
        return x.square().sum() + sum(p.square().sum() for layer in layers for p in layer.parameters())

    def counted(every: int) -> int:
        node = net(torch.ones(2, 4), every).grad_fn
        assert node is not None
        return data_flow.without_a_way_around(graph.walk(node))

    assert counted(0) == 6, "all of a plain stack, and a penalty on the weights is no way around"
    assert counted(1) == 1, "the first layer's shortcut begins before all weights"
    assert counted(2) == 4


# ------------------------------------------------------------------------------------------------ underfitting, loss and output


def stuck(width: int | None, skill: float, *, validation: float | None = None, rest: float = 0.0, kind: str = "r2") -> Trace:
    """A net 8 -> width -> 1 whose loss stands still; no hidden layer for None."""
    layers = {"a": ((width, 8), True, 0, False)} if width is not None else {}
    signals: dict[Any, Any] = {("loss.value", "run"): FLAT, ("update.ratio", "b.weight"): 0.01, ("loss.penalty_share", "run"): rest}
    signals |= {("validation.rows", "run"): [400.0], **scores(skill, validation, kind=kind)}
    places = [place("a", order=0), place("b", order=1, role="output"), place("b.weight", "weight", shape=(1, 8))]
    if kind == "accuracy":
        signals |= classes([0.5, 0.5])
    loss = MSE if kind == "r2" else replace(CE, kind="cross-entropy")
    return trace(signals, places=places, parameters=parameters(**layers, b=((1, width or 8), True, 0, False)), loss=loss)


def test_underfitting() -> None:
    assert alarms("underfitting", stuck(2, 0.3)) == ["warning"]
    assert alarms("underfitting", stuck(2, 0.7, kind="accuracy")) == ["warning"], "two units, for two classes"
    assert alarms("underfitting", stuck(None, 0.1)) == ["warning"], "a straight line"
    assert alarms("underfitting", stuck(64, 0.0, validation=-0.02)) == ["warning"], "a usual net that has learned nothing"


def test_underfitting_near_misses() -> None:
    assert not found("underfitting", stuck(2, 0.6)), "a narrow code on purpose"
    assert not found("underfitting", stuck(64, 0.3, validation=0.3)), "targets that are mostly noise"
    assert not found("underfitting", stuck(64, 0.08, validation=0.09)), "nearly all noise, and what there is was found"
    assert not found("underfitting", stuck(64, 0.0, rest=0.8)), "the score is of a small part of the loss"
    assert not found("underfitting", stuck(64, 0.54, validation=0.58, kind="accuracy")), "above chance by more than luck"


def squeezed(width: int, targets: int, skill: float, *, rebuilt: bool = False) -> Trace:
    t = stuck(width, skill)
    std = trace({("input.std", "input"): 1.0, ("target.std", "target"): 1.0 if rebuilt else 0.9, ("input.mean", "input"): 0.0})
    mean = trace({("target.mean", "target"): 0.0})
    loss = replace(MSE, input_shape=(32, targets), target_shape=(32, targets))
    facts = replace(t.facts, loss=loss, target=TargetFacts(kind="real"))
    return replace(t, facts=facts, signals=(*t.signals, *std.signals, *mean.signals))


def test_underfitting_of_more_targets_than_units() -> None:
    assert alarms("underfitting", squeezed(2, 3, 0.6)) == ["warning"], "three targets through two units"
    assert not found("underfitting", squeezed(2, 2, 0.6)), "as many units as targets: what is left may be chance"
    assert not found("underfitting", squeezed(2, 3, 0.6, rebuilt=True)), "an autoencoder's code"
    assert not found("underfitting", squeezed(8, 12, 0.6)), "no narrow net"
    assert not found("underfitting", squeezed(2, 3, 0.8)), "two numbers tell most of the three"


def compared(signature: str, kind: str, targets: tuple[float, float], outputs: tuple[float, float]) -> Trace:
    ends = {("target.min", "target"): targets[0], ("target.max", "target"): targets[1]}
    ends |= {("output.min", "output"): outputs[0], ("output.max", "output"): outputs[1]}
    loss = LossFacts(kind=kind, signature=tuple(signature.split()), input_shape=(32,), target_shape=(32,))
    return trace({**ends, ("loss.value", "run"): FLAT}, loss=loss, target=TargetFacts(kind="real"))


def test_loss_output_mismatch() -> None:
    logits, bce = "BinaryCrossEntropyWithLogitsBackward0 SqueezeBackward1 AddmmBackward0", "bce-with-logits"
    assert alarms("loss-output-mismatch", compared(logits, bce, (-1, 1), (-3, 3))) == ["error"], "classes of -1 and 1"
    assert not found("loss-output-mismatch", compared(logits, bce, (0, 1), (-3, 3)))
    one = "BinaryCrossEntropyBackward0 SqueezeBackward1 SoftmaxBackward0"
    assert alarms("loss-output-mismatch", compared(one, "bce", (0, 1), (1, 1))) == ["error"], "a softmax over one output"
    rectified = "BinaryCrossEntropyWithLogitsBackward0 SqueezeBackward1 ReluBackward0"
    assert alarms("loss-output-mismatch", compared(rectified, bce, (0, 1), (0, 3))) == ["error"], "no probability below one half"
    known = compared(rectified, bce, (0, 1), (0, 3))
    known = replace(known, signals=(*known.signals, *trace({**scores(0.97), **TEN}).signals))
    assert not alarms("loss-output-mismatch", known), "and it answers well all the same"
    hand = "MeanBackward0 AbsBackward0 SubBackward0 SoftmaxBackward0"
    for kind in ("l1", "unknown"):
        assert alarms("loss-output-mismatch", compared(hand, kind, (0, 1), (1, 1))) == ["error"], "whatever the loss"
    assert not found("loss-output-mismatch", compared(hand, "l1", (0, 1), (0.2, 1)))
    rectified = "MseLossBackward0 SqueezeBackward1 ReluBackward0"
    assert alarms("loss-output-mismatch", compared(rectified, "mse", (-3, 3), (0, 2))) == ["error"], "squeezed after the ReLU"
    assert not found("loss-output-mismatch", compared(rectified, "mse", (0, 3), (0, 2)))
    soft = "MseLossBackward0 SqueezeBackward1 SoftplusBackward0"
    assert alarms("loss-output-mismatch", compared(soft, "mse", (-3, 3), (0, 2))) == ["error"], "never below zero"
    assert not found("loss-output-mismatch", compared(soft, "mse", (0, 3), (0, 2)))


def test_a_rectifier_under_an_explicit_log_softmax() -> None:
    def given(signature: str) -> Trace:
        t = compared(f"NllLossBackward0 LogSoftmaxBackward0 {signature}", "cross-entropy", (0, 9), (-16, -0.1))
        return replace(t, signals=(*t.signals, *trace({("output.row_sum_error", "output"): 20.0}).signals))

    assert alarms("loss-output-mismatch", given("ReluBackward0")) == ["error"]
    assert alarms("loss-output-mismatch", given("ViewBackward0 SigmoidBackward0")) == ["error"]
    assert not found("loss-output-mismatch", given("NegBackward0 ReluBackward0")), "distances that are never negative"
    assert not found("loss-output-mismatch", given("AddmmBackward0 ReluBackward0"))


def test_a_softmax_over_the_batch() -> None:
    x, y = torch.randn(16, 3, requires_grad=True), torch.zeros(16, dtype=torch.long)
    f = torch.nn.functional
    for logs, dims in (
        (f.log_softmax(x, 0), [0]),
        (x.softmax(-2).log(), [-2]),
        (f.log_softmax(x.softmax(0), 1), [1, 0]),
        (f.log_softmax(x, -1), [-1]),
    ):
        node = (2 * f.nll_loss(logs, y) + x.square().sum()).grad_fn
        assert loss_graph.softmax_dims(node) == dims
        for shape in ((16, 3), (3, 3)):
            t = trace({("loss.value", "run"): FLAT}, loss=replace(CE, input_shape=shape), notes={"loss.softmax_dims": dims})
            over_samples = shape == (16, 3) and dims != [-1]
            assert alarms("loss-output-mismatch", t) == ["error"] * over_samples, (dims, shape)


# ------------------------------------------------------------------------------------------------ steps and batches


def stepped(losses: np.ndarray, ratio: float, accuracy: float, cosines: np.ndarray | float = 0.1) -> Trace:
    signals = {("loss.value", "run"): losses, ("update.ratio", "a.weight"): ratio, ("gradient.cosine", "run"): cosines}
    return trace({**signals, **scores(accuracy), **TEN})


def test_lr_too_high_that_throws_the_net_off() -> None:
    thrown = np.concatenate([[2.3, 40.0, 25.0], np.full(197, 1.0)])
    assert alarms("lr-too-high", stepped(thrown, 0.4, 0.6)) == ["error"]
    assert not found("lr-too-high", stepped(thrown, 0.4, 0.96)), "it has recovered"
    assert not found("lr-too-high", stepped(thrown, 0.02, 0.6)), "the steps are small"
    late = np.concatenate([np.full(100, 2.3), [40.0], np.full(99, 1.0)])
    assert not found("lr-too-high", stepped(late, 0.4, 0.6)), "one bad batch in the middle"


def test_lr_too_high_where_less_is_known_at_the_end_than_before() -> None:
    back = np.concatenate([np.linspace(2.3, 1.4, 100), np.linspace(1.4, 1.8, 100)])
    assert alarms("lr-too-high", stepped(back, 0.3, 0.6)) == ["error"]
    assert not found("lr-too-high", stepped(back, 0.05, 0.6)), "the steps are small"
    assert not found("lr-too-high", stepped(back, 0.3, 0.96)), "it knows nearly all"
    assert not found("lr-too-high", stepped(np.concatenate([np.linspace(2.3, 0.4, 100), np.linspace(0.4, 0.6, 100)]), 0.3, 0.6)), (
        "most is gone"
    )


def test_lr_too_high_by_opposed_gradients() -> None:
    assert alarms("lr-too-high", stepped(FLAT, 0.05, 0.1, np.full(20, -0.9))) == ["error"]
    assert not found("lr-too-high", stepped(FLAT, 0.05, 0.1, np.tile([-0.9, -0.9, 0.9, -0.5, 0.9], 4))), "noise has any sign"


def on_its_way(
    ratios: tuple[float, ...] = (1e-4, 4e-4, 2e-3), skill: float = 0.7, end: float = 0.4, cosines: np.ndarray | float = 0.98
) -> Trace:
    signals = {("update.ratio", f"l{i}.weight"): r for i, r in enumerate(ratios)}
    losses = np.concatenate([np.full(500, 1.0), np.linspace(1.0, end, 500)])
    return trace({**signals, ("loss.value", "run"): losses, ("gradient.cosine", "run"): cosines, **scores(None, skill, "r2")}, steps=1000)


def test_lr_too_low_for_a_net_that_was_stopped_on_its_way() -> None:
    assert alarms("lr-too-low", on_its_way()) == ["warning"]
    assert not found("lr-too-low", on_its_way(skill=0.85)), "nearly there"
    assert not found("lr-too-low", on_its_way(end=1.0)), "it stands still"
    assert not found("lr-too-low", on_its_way((1e-3, 1e-3, 2e-3))), "the weights have moved by their size"
    assert not found("lr-too-low", on_its_way(cosines=np.linspace(1.0, 0.85, 20))), "the gradients agree less and less"


def test_batch_too_large() -> None:
    signals = {("loss.value", "run"): np.linspace(1.4, 1.0, 100), ("gradient.noise_ratio", "run"): 0.01, ("gradient.cosine", "run"): 0.99}
    t = trace({**signals, **scores(0.4), **TEN}, steps=100, batch_size=600, loss=replace(CE, input_shape=(600, 10)))
    assert alarms("batch-too-large", t) == ["warning"]
    short = {**signals, ("loss.value", "run"): np.linspace(1.62, 1.59, 8)}
    few = {"steps": 8, "batch_size": 6000, "loss": replace(CE, input_shape=(6000, 10))}
    assert alarms("batch-too-large", trace({**short, **scores(0.1), **TEN}, **few)) == ["warning"], "eight steps, and scored"
    assert not found("batch-too-large", trace({**short, **TEN}, **few)), "eight steps, and nobody knows how good it is"
    assert not found("batch-too-large", trace({**short, **scores(0.95), **TEN}, **few)), "eight steps were enough"
    graph = replace(t, facts=replace(t.facts, loss=replace(CE, input_shape=(360, 10))))
    assert not found("batch-too-large", graph), "a graph, some of whose nodes are labelled"
    done = trace(
        {**signals, ("gradient.cosine", "run"): [*np.full(22, 0.99), *np.full(8, 0.1)], **scores(0.4), **TEN}, **few | {"steps": 100}
    )
    assert not found("batch-too-large", done), "at the end the gradients are noise: what can be learned is learned"


# ------------------------------------------------------------------------------------------------ layers


def layered(count: int, first: float) -> Trace:
    """A loss that blows up, and a weight gradient of `first` times the one at the output layer."""
    places = [place(f"l{i}", order=i) for i in range(count)]
    signals = {("gradient.norm", p.name): 0.1 for p in places} | {("gradient.total_norm", "run"): np.geomspace(0.1 * first, 1e5, 20)}
    return trace({**signals, ("loss.value", "run"): np.geomspace(2.0, 1e9, 200), **scores(0.1), **TEN}, places=places)


def test_what_is_large_at_the_start_explodes_only_in_a_product_of_many() -> None:
    def said(t: Trace) -> bool:
        return any("At the first step" in f.message.en for f in found("exploding-gradient", t))

    assert said(layered(4, 300.0))
    assert not said(layered(3, 300.0)), "three layers: the inputs are large, or the steps"
    assert not said(layered(4, 30.0))


def pinned(share: float, skill: float, kind: str = "accuracy") -> Trace:
    units = place("a", "Sigmoid", order=1)
    known = scores(0.1 + 0.9 * skill) | TEN if kind == "accuracy" else scores(skill, kind=kind)
    return trace({("activation.saturated_share", "a"): share, **known}, places=[units])


def test_units_at_their_bounds_from_first_to_last() -> None:
    assert alarms("saturated-activation", pinned(0.9, 0.88)) == ["error"], "the last layer learns from what the fixed ones happen to give"
    assert not found("saturated-activation", pinned(0.9, 0.97))
    assert not found("saturated-activation", pinned(0.6, 0.88))
    assert alarms("saturated-activation", pinned(0.9, 0.8, "r2")) == ["error"]
    assert not found("saturated-activation", pinned(0.9, 0.93, "r2"))
    assert not found("saturated-activation", pinned(0.6, 0.8, "r2")), "how much can be had is not known"


# ------------------------------------------------------------------------------------------------ schedules, clipping


def schedule(rate: np.ndarray, accuracy: float, loss: np.ndarray | None = None, **facts: Any) -> Trace:
    curve = np.linspace(2.3, 1.0, len(rate)) if loss is None else loss
    return trace({("lr.value", "run"): rate, ("loss.value", "run"): curve, **scores(accuracy), **TEN}, **facts)


def test_schedule_misuse() -> None:
    per_batch = 0.1 * 0.1 ** (np.arange(200) // 10)
    assert alarms("schedule-misuse", schedule(per_batch, 0.4)) == ["error"]
    assert alarms("schedule-misuse", schedule(np.zeros(200), 0.1)) == ["error"]
    assert not found("schedule-misuse", schedule(np.full(200, 0.1), 0.4))


def test_a_warm_up_that_outlasts_the_run() -> None:
    warm = 1e-4 * (1 + np.arange(200) // 20)
    built = {"optimizers": (SGD,), "schedulers": ("LambdaLR",)}
    assert alarms("schedule-misuse", schedule(warm, 0.4, **built)) == ["error"]
    assert not alarms("schedule-misuse", schedule(warm, 0.97, **built)), "it learned all the same"
    assert not found("schedule-misuse", schedule(warm * 100, 0.4, **built)), "it got where it should"
    assert not found("schedule-misuse", schedule(np.concatenate([warm[:100], warm[99::-1]]), 0.4, **built)), "and came down again"
    factor = {"optimizers": (OptimizerFacts(kind="Adam", settings={"lr": 1.0}),), "schedulers": ("LambdaLR",)}
    noam = 1e-3 * np.minimum(np.arange(1, 201) / 100, np.sqrt(100 / np.arange(1, 201)))
    assert not found("schedule-misuse", schedule(noam, 0.4, **factor)), "a rate of 1 as a factor for the schedule"


def test_a_rate_left_behind_by_a_range_test_is_no_schedule() -> None:
    tried = np.concatenate([np.geomspace(1e-6, 1.0, 15), np.full(385, 1e-6)])
    seen = np.unique(np.concatenate([np.arange(20), np.geomspace(20, 399, 18).astype(int)]))
    falling = np.linspace(1.80, 1.79, 400)
    t = schedule(tried, 0.1, falling, steps=400)
    ratios = trace({("update.ratio", "a.weight"): 1e-2 * tried[seen]}, at=seen.tolist())
    left = replace(t, signals=(*t.signals, *ratios.signals))
    assert not found("schedule-misuse", left)
    assert alarms("lr-too-low", left) == ["warning"], "the rate is large in a few steps of the run, although in many of the watched ones"
    planned = schedule(tried, 0.1, falling, schedulers=("LambdaLR",), steps=400)
    assert alarms("schedule-misuse", planned) == ["error"], "a scheduler took it there"
    decayed = np.concatenate([np.full(15, 1.0), np.full(385, 1e-6)])
    assert alarms("schedule-misuse", schedule(decayed, 0.1, falling, steps=400)) == ["error"], "it began high, and fell"
    high = replace(t, signals=(*t.signals, *trace({("update.ratio", "a.weight"): 1e-2}).signals))
    assert not found("lr-too-low", high)


def left_over(values: np.ndarray, steps: np.ndarray) -> Trace:
    return trace({("gradient.leftover_ratio", "run"): values}, at=steps.tolist(), steps=500)


def test_gradients_left_over_in_the_second_training_of_a_script() -> None:
    steps = np.r_[np.arange(1, 21), np.arange(25, 151, 25), 200, 300, 400]
    second = (steps >= 200).astype(float)
    assert alarms("missing-zero-grad", left_over(second, steps)) == ["error"], "few of the watched steps, and most of the run"
    assert alarms("missing-zero-grad", left_over(np.ones(len(steps)), steps)) == ["error"]
    assert not found("missing-zero-grad", left_over((steps == 400).astype(float), steps)), "one step"
    assert not found("missing-zero-grad", left_over((steps <= 5).astype(float), steps)), "a few steps at the start"
    assert not found("missing-zero-grad", left_over(np.zeros(len(steps)), steps))


def test_schedule_misuse_near_misses() -> None:
    per_batch = 0.1 * 0.1 ** (np.arange(200) // 10)
    assert not found("schedule-misuse", schedule(per_batch, 0.97)), "it had learned before"
    cosine = 0.05 * (1 + np.cos(np.pi * np.arange(200) / 200))
    assert not found("schedule-misuse", schedule(cosine, 0.4)), "ends at zero with the run"
    assert not found("schedule-misuse", schedule(np.tile(cosine[::4], 4), 0.4)), "warm restarts"
    plateau = np.where(np.arange(200) < 80, 0.1, 1e-4)
    flat = np.concatenate([np.geomspace(2.3, 1.5, 20), np.full(180, 1.5)])
    assert not found("schedule-misuse", schedule(plateau, 0.4, flat)), "lowered when nothing fell any more"


def clipped(ratio: float, accuracy: float, update: float = 1e-4, optimizer: OptimizerFacts = SGD) -> Trace:
    signals: dict[Any, Any] = {("clip.norm", "run"): np.full(200, ratio), ("clip.limit", "run"): np.ones(200)}
    return trace({**signals, ("update.ratio", "a.weight"): update, **scores(accuracy), **TEN}, optimizers=(optimizer,))


def test_clipping_too_tight() -> None:
    assert alarms("clipping-too-tight", clipped(100.0, 0.2)) == ["error"]
    assert not found("clipping-too-tight", clipped(0.5, 0.2))
    by_value: dict[Any, Any] = {("clip.value_share", "run"): 0.7, ("clip.value_ratio", "run"): 200.0, ("update.ratio", "a.weight"): 1e-4}
    assert alarms("clipping-too-tight", trace({**by_value, **scores(0.2), **TEN}, optimizers=(SGD,))) == ["error"]


def test_clipping_too_tight_near_misses() -> None:
    assert not found("clipping-too-tight", clipped(100.0, 0.95)), "always clipped, and does well"
    assert not found("clipping-too-tight", clipped(100.0, 0.2, optimizer=ADAM)), "Adam divides the factor away"
    assert not found("clipping-too-tight", clipped(100.0, 0.2, update=0.05)), "the steps are large all the same"
    assert not found("clipping-too-tight", clipped(1.5, 0.2)), "cut by a third"


def by_hand(kept: np.ndarray, accuracy: float = 0.2, optimizer: OptimizerFacts = SGD, update: float = 1e-4) -> Trace:
    signals: dict[Any, Any] = {("gradient.kept_ratio", "run"): kept, ("update.ratio", "a.weight"): update}
    return trace({**signals, **scores(accuracy), **TEN}, optimizers=(optimizer,))


def test_clipping_by_hand() -> None:
    varied = np.geomspace(0.005, 0.02, 40)
    assert alarms("clipping-too-tight", by_hand(varied)) == ["error"]
    assert not found("clipping-too-tight", by_hand(np.full(40, 0.01))), "a sum over the batch made a mean"
    assert not found("clipping-too-tight", by_hand(np.where(np.arange(40) % 2, varied, 1.0))), "now and then"
    assert not found("clipping-too-tight", by_hand(40 * varied)), "cut to half"
    assert not found("clipping-too-tight", by_hand(varied, 0.95)), "and does well"
    assert not found("clipping-too-tight", by_hand(varied, optimizer=ADAM))
    assert not found("clipping-too-tight", by_hand(varied, update=0.05))


@pytest.mark.parametrize("name", sorted(plugins.rules()))
def test_messages_are_filled_in_both_languages(name: str) -> None:
    for t in (blocked(["a"], parameters(a=((4, 4), True, 0, True)), 0.1), rows([1.0, 1.0]), leaky(0.3), clipped(100.0, 0.2)):
        for finding in found(name, t):
            assert "{" not in finding.message.en + finding.message.zh
            assert finding.message.en != finding.message.zh


def test_adams_betas_in_the_wrong_order() -> None:
    def adam(beta1: float, beta2: float, r2: float) -> Trace:
        optimizer = OptimizerFacts(kind="Adam", settings={"lr": 1e-2, "beta1": beta1, "beta2": beta2})
        signals = {("loss.value", "run"): np.geomspace(1.0, 0.2, 200), **scores(r2, r2, "r2")}
        return trace(signals, loss=MSE, optimizers=(optimizer,))

    assert alarms("momentum-too-high", adam(0.999, 0.9, 0.85)) == ["warning"], "the loss falls, but not as far as it could"
    assert not found("momentum-too-high", adam(0.98, 0.999, 0.85)), "large, in the right order, and the net learns"
    assert not found("momentum-too-high", adam(0.9, 0.7, 0.85)), "0.9 is usual"
    assert not found("momentum-too-high", adam(0.999, 0.9, 0.97)), "all but perfect"


# ------------------------------------------------------------------------------------------------ what the ninth set showed


def test_a_hand_written_backward_pass_that_refuses_a_parameter() -> None:
    def custom(update: float, measured: bool) -> Trace:
        centers = ParameterFacts(
            name="net.centers", shape=(24, 6), module="net", requires_grad=True, optimizer=0, grad_missing=False, changed=update > 0
        )
        t = blocked(["out"], parameters(out=((4, 24), True, 0, False)), 0.5)
        signals = {("update.norm", "net.centers"): update} | ({("parameter.gradient_norm", "net.centers"): 0.0} if measured else {})
        more = trace(signals, places=[place("net.centers", "parameter")]).signals
        return replace(t, signals=(*t.signals, *more), facts=replace(t.facts, parameters=(*t.facts.parameters, centers)))

    assert alarms("blocked-gradient", custom(0.0, measured=False)) == ["error"]
    assert not found("blocked-gradient", custom(0.0, measured=True)), "it gets one, of zero: dead, not refused"
    assert not found("blocked-gradient", custom(0.01, measured=False)), "it moves (a sparse gradient is not measured)"


def test_layers_of_which_only_the_biases_are_in_an_optimizer() -> None:
    def halved(accuracy: float, missing: bool = False) -> Trace:
        weights = parameters(a=((64, 64), True, None, missing), b=((64, 64), True, None, missing))
        biases = tuple(
            ParameterFacts(name=f"{n}.bias", shape=(64,), module=n, requires_grad=True, optimizer=0, changed=True) for n in ("a", "b")
        )
        weights = tuple(replace(p, changed=False) for p in weights)
        return blocked(["a", "b"], (*weights, *biases), accuracy)

    assert alarms("blocked-gradient", halved(0.3)) == ["error"]
    assert not found("blocked-gradient", halved(0.9)), "biases alone may be enough for a net that was trained before"


def test_a_broadcast_in_a_loss_by_hand() -> None:
    def pinball(
        mine: tuple[int, ...], theirs: tuple[int, ...], r2: float, signature: tuple[str, ...] = ("MeanBackward0", "SubBackward0")
    ) -> Trace:
        return trace(scores(r2, kind="r2"), loss=LossFacts(kind="unknown", signature=signature, input_shape=mine, target_shape=theirs))

    assert alarms("loss-output-mismatch", pinball((50, 1), (50,), 0.0)) == ["error"]
    assert alarms("loss-output-mismatch", pinball((50,), (50, 1), 0.0)) == ["error"]
    assert not found("loss-output-mismatch", pinball((50, 1), (50,), 0.9)), "compared for another purpose"
    assert not found("loss-output-mismatch", pinball((50, 1), (50,), 0.0, ("MeanBackward0", "MulBackward0"))), "nothing is subtracted"
    assert not found("loss-output-mismatch", pinball((50, 5), (50, 1), 0.0)), "every quantile against the one target"


@pytest.mark.parametrize(("last", "expected"), [(1.06, ["warning"]), (0.2, ["note"])])
def test_a_sigmoid_in_front_of_cross_entropy_is_told_where_it_holds_the_loss_up(last: float, expected: list[str]) -> None:
    signature = ("NllLossBackward0", "LogSoftmaxBackward0", "SigmoidBackward0")
    loss = replace(CE, input_shape=(32, 6), signature=signature)
    signals = {("output.min", "output"): 0.1, ("output.max", "output"): 0.9, ("output.row_sum_error", "output"): 2.0}
    t = trace({**signals, ("loss.value", "run"): np.linspace(1.8, last, 200), **scores(0.99), **classes([1 / 6] * 6)}, loss=loss)
    assert [f.severity for f in found("loss-output-mismatch", t)] == expected


def test_margin_losses_of_labels_0_and_1() -> None:
    hand = LossFacts(kind="unknown", signature=("MeanBackward0",))
    assert alarms("loss-output-mismatch", trace({}, loss=hand, notes={"loss.margin_labels": [0.0, 1.0]})) == ["error"]
    assert not found("loss-output-mismatch", trace({}, loss=hand, notes={"loss.margin_labels": [-1.0, 1.0]}))
    assert not found("loss-output-mismatch", trace({}, loss=hand, notes={"loss.margin_labels": []}))
    soft = LossFacts(kind="soft-margin")
    for low, expected in ((0.0, ["error"]), (-1.0, [])):
        assert alarms("loss-output-mismatch", trace({}, loss=soft, target=TargetFacts(kind="real", minimum=low, maximum=1.0))) == expected


@pytest.mark.parametrize(("share", "accuracy", "expected"), [(0.9, 0.15, ["error"]), (0.05, 0.15, []), (0.9, 0.8, [])])
def test_samples_that_hold_the_same_number_everywhere(share: float, accuracy: float, expected: list[str]) -> None:
    signals = {("input.std", "input"): 0.1, ("input.nonfinite_share", "input"): 0.0, ("input.blank_share", "input"): share}
    t = trace({**signals, ("loss.value", "run"): FLAT, **scores(accuracy), **TEN}, loss=CE, batch_size=32)
    assert alarms("bad-input-values", t) == expected


def test_rows_filled_up_on_the_other_side() -> None:
    def padded(apart: float, noise: float = 0.01, validation: float = 0.3) -> Trace:
        values = {
            "id_distance": 0.01,
            "id_noise": 0.01,
            "position_distance": apart,
            "position_noise": noise,
            "rows": 200.0,
            "covered_share": 0.0,
        }
        return trace({**{("validation." + k, "run"): np.full(4, v) for k, v in values.items()}, **scores(0.95, validation), **TEN})

    assert alarms("split-mismatch", padded(0.4)) == ["error"]
    assert not found("split-mismatch", padded(0.4, noise=0.2)), "no more than between halves"
    assert not found("split-mismatch", padded(0.03))
    assert not found("split-mismatch", padded(0.4, validation=0.9)), "the net masters it"


def test_the_whole_set_in_a_few_steps() -> None:
    def whole(rows: float, steps: int = 12, r2: float = 0.02) -> Trace:
        signals = {
            ("loss.value", "run"): np.linspace(1.82, 1.76, steps), ("gradient.noise_ratio", "run"): np.full(11, 1.0),
            ("gradient.cosine", "run"): np.full(11, 0.9), ("validation.trained_rows", "run"): np.full(5, rows),
        }  # fmt: skip
        return trace({**signals, **scores(r2, r2, "r2")}, steps=steps, batch_size=2000, loss=replace(MSE, input_shape=(2000,)))

    assert alarms("batch-too-large", whole(2000.0)) == ["warning"]
    assert not found("batch-too-large", whole(9000.0)), "a part of the set, and the noise asks for as much"
    assert not found("batch-too-large", whole(2000.0, steps=400)), "full-batch descent"
    assert not found("batch-too-large", whole(2000.0, r2=0.9))


def test_gates_that_stand_at_their_bounds_from_the_first_step() -> None:
    def gated(share: float, accuracy: float, role: str = "gate") -> Trace:
        signals = {("activation.saturated_share", "g"): share, ("loss.value", "run"): np.linspace(1.4, 0.6, 200)}
        return trace({**signals, **scores(accuracy), **classes([0.25] * 4)}, places=[place("g", "functional sigmoid", role=role)], loss=CE)

    assert alarms("saturated-activation", gated(0.94, 0.7)) == ["error"]
    assert not found("saturated-activation", gated(0.94, 0.9)), "gates that route, and the net learns"
    assert not found("saturated-activation", gated(0.7, 0.7))


def test_a_recurrent_state_of_one_number() -> None:
    def melody(units: int) -> Trace:
        cell = ParameterFacts(name="gru.weight_hh_l0", shape=(3 * units, units), module="gru", requires_grad=True, optimizer=0)
        places = [place("gru", "GRU", role="hidden"), place("tanh#1", "functional tanh"), place("out", "Linear", role="output")]
        signals = {
            ("activation.saturated_share", "tanh#1"): 0.6, ("loss.value", "run"): np.r_[np.linspace(1.4, 1.0, 300), np.full(300, 1.0)],
            ("update.ratio", "out.weight"): 1e-2,
        }  # fmt: skip
        return trace({**signals, **scores(0.45, 0.47), **classes([0.25] * 4)}, places=places, parameters=(cell,), loss=CE, steps=600)

    assert alarms("underfitting", melody(1)) == ["warning"] and not found("saturated-activation", melody(1))
    assert not found("underfitting", melody(32)) and alarms("saturated-activation", melody(32)) == ["warning"]


@pytest.mark.parametrize(("last", "expected"), [(0.3, ["error"]), (0.005, [])])
def test_a_net_that_was_thrown_off_at_the_start_and_came_back(last: float, expected: list[str]) -> None:
    loss = np.r_[0.5, 2.8, np.geomspace(2.0, last, 98)]
    t = trace({("loss.value", "run"): loss, ("update.ratio", "a.weight"): 0.3, **scores(0.85, kind="r2")}, loss=MSE, steps=100)
    assert alarms("lr-too-high", t) == expected


def test_pinned_units_whose_answers_are_learned_by_heart() -> None:
    def tanh(validation: float) -> Trace:
        signals = {("activation.saturated_share", "a"): 0.75, ("loss.value", "run"): np.geomspace(1.0, 0.02, 200)}
        return trace({**signals, **scores(0.97, validation, "r2")}, places=[place("a", "Tanh")], loss=MSE)

    assert alarms("saturated-activation", tanh(0.8)) == ["warning"]
    assert not found("saturated-activation", tanh(0.95))


# ------------------------------------------------------------------------------------------------ what the eleventh set showed


def test_weights_that_are_nan_behind_a_finite_loss() -> None:
    def behind(norms: list[float]) -> Trace:
        return trace({("loss.value", "run"): FLAT, ("parameter.norm", "a.weight"): norms, ("parameter.norm", "b.weight"): 1.0}, loss=CE)

    lost = found("non-finite", behind([1.0, 1.0, np.nan, np.nan]))
    assert [(f.severity, f.first_step, f.certain) for f in lost] == [("error", 2, True)]
    assert "a.weight" in lost[0].message.en
    assert not found("non-finite", behind([1.0, np.nan, 1.0, 1.0])), "one sample that could not be read"


def test_inputs_that_change_while_an_agent_learns_are_not_compared() -> None:
    t = split(0.3, 0.1, None)
    steps, kept = 400, [s for s in t.signals if s.name != "input.feature_std"]
    assert alarms("split-mismatch", replace(t, facts=replace(t.facts, steps=steps))) == ["error"]
    assert all(s.last == 1.0 for s in t.signals if s.name == "input.feature_std")
    narrowed = trace(
        {("input.feature_std", f"input[{i}]"): np.r_[np.full(19, 1.0), 0.1] for i in range(8)}, at=[*range(19), 390], steps=steps
    )
    means = trace({("input.feature_mean", f"input[{i}]"): RNG.normal(0, 0.01, 20) for i in range(8)}, at=[*range(19), 390], steps=steps)
    others = [s for s in kept if s.name != "input.feature_mean"]
    agent = replace(t, facts=replace(t.facts, steps=steps, batch_size=50), signals=(*others, *narrowed.signals, *means.signals))
    assert not found("split-mismatch", agent)


def test_two_preprocessings_that_only_the_loss_shows() -> None:
    def costly(validation: float, shift: float = 0.3) -> Trace:
        t = split(shift, 0.4, 0.9)
        losses = trace({("loss.value", "run"): np.geomspace(2.0, 0.05, 200), ("validation.loss", "run"): [1.0, validation]}, at=[50, 150])
        return replace(t, signals=(*t.signals, *losses.signals))

    assert alarms("split-mismatch", costly(0.8)) == ["warning"]
    assert not found("split-mismatch", costly(0.2)), "a loss somewhat above that of training"
    same = split(0.0, 1.0, 0.9)
    assert not found("split-mismatch", replace(same, signals=(*same.signals, *costly(0.8).signals[-2:]))), "the same inputs, overfitted"


def test_bad_init_of_a_linear_layer_of_the_users_own() -> None:
    def own(std: float, product: bool = True) -> Trace:
        t = weights(std, 0.3, 200.0, 8.0)
        places = [replace(p, kind="MyLinear") if p.kind == "Linear" else p for p in t.facts.places]
        products = [place(f"matmul(l{i}.weight)", "functional matmul", order=2 * i) for i in range(4)] if product else []
        return replace(t, facts=replace(t.facts, places=(*places, *products)))

    assert alarms("bad-init-scale", own(1.0)) == ["error"]
    assert not found("bad-init-scale", own(0.1))
    assert not found("bad-init-scale", own(1.0, product=False)), "not known to be multiplied with"


def test_a_velocity_that_throws_the_loss_above_its_start() -> None:
    def heavy(losses: np.ndarray, momentum: float = 0.997) -> Trace:
        optimizer = OptimizerFacts(kind="HeavyBall", settings={"lr": 1e-2, "momentum": momentum})
        return trace({("loss.value", "run"): losses, **scores(0.9), **TEN}, loss=CE, optimizers=(optimizer,))

    calm = np.r_[2.3, np.geomspace(2.3, 0.3, 199)]
    thrown = calm.copy()
    thrown[120::16] = 5.0
    assert alarms("momentum-too-high", heavy(thrown)) == ["warning"]
    assert not found("momentum-too-high", heavy(calm))
    assert not found("momentum-too-high", heavy(thrown, 0.9)), "the momentum is usual"


def test_targets_that_drive_hidden_units_to_their_bounds() -> None:
    def driven(end: float, r2: float = 0.3) -> Trace:
        t = regression(210, 190, r2, (210, 170))
        shares = trace({("activation.saturated_share", "a.1"): np.r_[0.0, np.full(19, end)]}, places=[place("a.1", "Tanh")])
        return replace(t, signals=(*t.signals, *shares.signals))

    assert alarms("targets-not-normalised", driven(0.9)) == ["warning"]
    assert not found("targets-not-normalised", driven(0.2)), "the units are free"
    assert not found("targets-not-normalised", driven(0.9, 0.9)), "and it learns"


def test_degradation_looks_at_the_gradient_before_the_net_collapses() -> None:
    t = deep(30)
    fading = [replace(s, values=np.geomspace(0.1, 1e-9, 20).astype(np.float32)) if s.place.name == "l0" else s for s in t.signals]
    assert alarms("degradation", replace(t, signals=tuple(fading))) == ["warning"]


def test_cells_written_by_hand_are_a_walk_through_time() -> None:
    def unrolled(name: str) -> Trace:
        norms = np.geomspace(1e4, 1.0, 16)
        signals: dict[Any, Any] = {("gradient.norm", f"{name}#{i + 1}" if i else name): norms[i] for i in range(16)}
        places = [place(n, "functional matmul", order=i) for i, (_, n) in enumerate(signals)]
        signals |= {("gradient.total_norm", "run"): 10.0, ("loss.value", "run"): FLAT, **scores(0.1), **TEN}
        return trace(signals, places=places)

    assert "Over 16 time steps" in found("exploding-gradient", unrolled("matmul(Wh)"))[0].message.en
    assert all("time steps" not in f.message.en for f in found("exploding-gradient", unrolled("matmul")))


def test_inputs_of_batches_of_one_sample() -> None:
    def single(mean: float, std: float, size: int = 1) -> Trace:
        signals = {("input.mean", "input"): np.full(20, mean), ("input.std", "input"): std}
        return trace({**signals, **scores(0.1), **TEN}, batch_size=size)

    assert alarms("inputs-not-normalised", single(67.0, 1.3)) == ["error"]
    assert not found("inputs-not-normalised", single(0.1, 1.0))
    assert not found("inputs-not-normalised", single(67.0, 1.3, size=2)), "their features would have been seen"


# ------------------------------------------------------------------------------------------------ what the twelfth set showed


def test_running_statistics_half_a_deviation_off_at_a_price() -> None:
    assert alarms("batchnorm-misuse", normed(64, 64, 0.6, gap=0.9, factor=1.6)) == ["error"]
    assert not found("batchnorm-misuse", normed(64, 64, 0.6, gap=0.3, factor=1.6))
    assert not found("batchnorm-misuse", normed(64, 64, 0.88, gap=0.9, factor=1.6)), "at no price"


def test_a_gradient_that_grows_over_depth_and_a_loss_that_stays_is_degradation() -> None:
    def growing(losses: np.ndarray) -> Trace:
        places = [place(f"l{i}", order=i) for i in range(20)]
        signals: dict[Any, Any] = {("gradient.norm", p.name): 300.0 * 0.7**i for i, p in enumerate(places)}
        signals |= {("gradient.total_norm", "run"): 50.0, ("loss.value", "run"): losses, **scores(0.1), **TEN}
        return trace(signals, places=places, loss=CE, notes={"graph.plain_layers": 20})

    assert alarms("degradation", growing(FLAT)) == ["warning"]
    assert not found("exploding-gradient", growing(FLAT))
    burst = np.r_[2.3, 60.0, FLAT[2:]]
    assert alarms("exploding-gradient", growing(burst)) == ["error"]
    assert not found("degradation", growing(burst))


def test_batches_of_one_class_each_that_are_nearly_mastered() -> None:
    pure = np.eye(10)[np.arange(20) // 2]
    mostly = 0.55 * pure + 0.05 * (1 - pure)
    assert alarms("not-shuffled", ordered(pure, 0.8)) == ["error"]
    assert not found("not-shuffled", ordered(pure, 0.93))
    assert not found("not-shuffled", ordered(mostly, 0.8)), "some of every class: 0.8 is well learned"


def test_targets_in_order_of_their_own() -> None:
    def sorted_rows(inside: float, target: float = 0.05) -> Trace:
        means = np.linspace(-2, 2, 20)
        values: dict[Any, Any] = {("target.mean", "target"): means, ("target.std", "target"): target, ("loss.value", "run"): FLAT}
        values |= {("input.feature_mean", "input[0]"): 0.4 * means, ("input.feature_std", "input[0]"): inside}
        return trace({**values, **scores(0.1, -0.5, "r2")}, batch_size=32)

    assert alarms("not-shuffled", sorted_rows(0.7)) == ["error"], "an input follows them a little"
    assert not found("not-shuffled", sorted_rows(2.0)), "no input does"
    assert not found("not-shuffled", sorted_rows(0.7, target=0.6)), "some of every height in each batch"


def test_rare_classes_of_which_few_samples_were_seen() -> None:
    t = rare(0.0, [0.984, 0.016], 0.052)  # its last tenth: 0.084, where the entropy of these shares is 0.082
    assert alarms("class-imbalance", t) == ["warning"], "just above the entropy of the shares that were sampled"
    assert not found("class-imbalance", rare(0.0, [0.984, 0.016], 0.11))


def test_batches_of_one_that_end_worse_than_knowing_nothing() -> None:
    def astray(r2: float, noise: float = 8.0) -> Trace:
        swing = np.tile([0.1, 0.9, 0.2, 0.8], 50)
        signals: dict[Any, Any] = {("loss.value", "run"): swing, ("gradient.noise_ratio", "run"): noise}
        return trace({**signals, **scores(None, r2, "r2")}, batch_size=1, loss=MSE)

    assert alarms("batch-too-small", astray(-1.5)) == ["warning"]
    assert not found("batch-too-small", astray(0.3)), "the noise alone is not enough"
    assert not found("batch-too-small", astray(-1.5, noise=2.0)), "the samples agree"


def paired(alike: float, strength: float, scores_of: tuple[float, float] = (0.95, 0.2), **more: float) -> Trace:
    values = {"association": alike, "association_trained": 0.9, "association_given": 0.9, "association_strength": strength, "rows": 200.0}
    values |= {"trained_rows": 1000.0, "covered_share": 0.0} | more
    signals = {("validation." + k, "run"): np.full(4, v) for k, v in values.items()}
    signals |= {("loss.value", "run"): FLAT, ("update.ratio", "l.weight"): 0.01, **TEN}
    return trace({**signals, **scores(*scores_of)}, places=[place("l.weight", "weight", shape=(64, 32))], loss=CE, batch_size=32)


def test_a_vocabulary_that_was_built_twice() -> None:
    assert alarms("split-mismatch", paired(0.02, 0.02)) == ["error"]
    assert not found("split-mismatch", paired(1.0, 1.0)), "overfitting on samples of one kind"
    assert not found("split-mismatch", paired(0.02, 0.02, (0.95, 0.9))), "the net masters it"
    assert not found("split-mismatch", paired(0.02, 0.02, association_given=0.2)), "too few samples to tell"
    assert not found("split-mismatch", paired(0.02, 0.02, association_trained=0.2)), "a task that no feature tells of alone"


def test_targets_that_go_with_inputs_in_validation_alone() -> None:
    assert alarms("label-noise", paired(0.0, 0.03, (0.2, 0.1), association_trained=0.0)) == ["error"]
    assert not found("label-noise", paired(1.0, 0.9, (0.25, 0.2))), "drawn alike"
    assert not found("label-noise", paired(1.0, 0.3, (0.95, 0.9))), "inputs blended for training, which helps"
    assert not found("label-noise", paired(0.0, 0.03, (0.2, 0.1), association_given=0.2)), "nothing known of validation, either"
    assert not found("label-noise", paired(0.0, 0.03, (0.2, 0.1), trained_rows=60.0)), "few training samples were seen"


def test_classes_that_have_other_numbers_in_validation() -> None:
    def named(renamed: float, accuracy: float = 0.5, rows: float = 400.0, training: float = 0.98) -> Trace:
        signals = {("validation.renamed_accuracy", "run"): np.full(8, renamed), ("validation.rows", "run"): np.full(8, rows)}
        return trace({**signals, **scores(training, accuracy), **TEN})

    assert alarms("split-mismatch", named(0.98)) == ["error"]
    assert not found("split-mismatch", named(0.55)), "one pair of classes that are taken for each other"
    assert not found("split-mismatch", named(0.7, rows=20.0)), "few samples"
    assert not found("split-mismatch", named(0.3, accuracy=0.1, training=0.12)), "nothing was learned"


def test_targets_of_validation_in_other_units() -> None:
    def units(mean: float, std: float, validation: float = -3.0, training: float = 0.9) -> Trace:
        signals = {("validation.target_mean", "run"): np.full(8, mean), ("validation.target_std", "run"): np.full(8, std)}
        signals |= {("target.mean", "target"): 0.0, ("target.std", "target"): 1.0, ("validation.rows", "run"): np.full(8, 400.0)}
        return trace({**signals, **scores(training, validation, "r2")})

    assert alarms("split-mismatch", units(50.0, 20.0)) == ["error"]
    assert alarms("split-mismatch", units(0.0, 20.0)) == ["error"], "another scale alone"
    assert alarms("split-mismatch", units(0.7, 1.0)) == ["error"], "the same, by half a deviation and many errors"
    assert not found("split-mismatch", units(0.1, 1.2)), "another fault"
    assert not found("split-mismatch", units(3.0, 1.0, 0.8)), "another region, which the net masters"
    assert not found("split-mismatch", units(50.0, 20.0, training=-0.1)), "nothing was learned"


def test_a_poisson_loss_of_what_is_no_logarithm() -> None:
    def counts(low: float, *names: str) -> Trace:
        loss = LossFacts(kind="poisson-nll", signature=("MeanBackward0", "SubBackward0", *names), input_shape=(32,), target_shape=(32,))
        return trace({("output.min", "output"): low}, loss=loss)

    assert alarms("loss-output-mismatch", counts(0.01, "ExpBackward0", "MulBackward0", "SqueezeBackward1", "SoftplusBackward0")) == [
        "error"
    ]
    assert not found("loss-output-mismatch", counts(-2.0, "ExpBackward0", "MulBackward0", "SqueezeBackward1", "AddmmBackward0"))
    assert not found("loss-output-mismatch", counts(0.01, "SoftplusBackward0", "MulBackward0", "LogBackward0")), (
        "rates, not their logarithms"
    )


def test_a_score_of_one_term_of_the_loss_tells_nothing_of_the_training() -> None:
    def critic(lowest: float) -> Trace:
        loss = np.where(np.arange(200) % 7, 0.4, lowest)
        signals = {
            **scores(0.0, None, "r2"),
            ("loss.value", "run"): loss,
            ("update.ratio", "l.weight"): 0.01,
            ("gradient.noise_ratio", "run"): 10.0,
        }
        places = [place("l.weight", "weight", shape=(64, 32)), place("l", "Linear", role="hidden", shape=(64,))]
        return trace(signals, places=places, loss=LossFacts(kind="mse", input_shape=(32,), target_shape=(32,)), batch_size=32)

    assert reading.skill(critic(0.3)) is not None
    assert reading.skill(critic(-0.2)) is None, "a squared error is never below zero: there is another term"


def test_an_output_at_its_bounds_where_the_targets_are_not() -> None:
    def pinned(r2: float, first: float = 0.98) -> Trace:
        signals = {("activation.saturated_share", "tanh"): np.r_[np.full(10, first), np.full(30, 0.98)], **scores(r2, None, "r2")}
        return trace(signals, places=[place("tanh", "functional tanh", role="output")])

    assert alarms("saturated-activation", pinned(-6.0)) == ["error"]
    assert not found("saturated-activation", pinned(0.1)), "black and white pictures"
    assert not found("saturated-activation", pinned(-6.0, first=0.1)), "driven there by something else"


def test_targets_that_are_known_to_belong_to_their_inputs_are_no_noise() -> None:
    assert not found("label-noise", paired(1.0, 1.1, (0.95, 0.05))), "another fault keeps validation at chance"
    assert found("label-noise", paired(1.0, 0.5, (0.95, 0.05)))


def test_texts_that_go_on_in_several_ways_are_no_noise_to_a_net_worse_than_chance() -> None:
    mixed = {"targets.again": 200, "targets.conflicts": 180}
    calm = nothing_learned(0.1, 0.1, **mixed)
    wild = replace(calm, signals=tuple(replace(s, values=s.values * 10) if s.name == "loss.value" else s for s in calm.signals))
    assert found("label-noise", calm)
    assert not found("label-noise", wild), "a loss of 23 where knowing nothing costs 2.3"


def test_a_layer_of_the_users_own_whose_columns_are_alike() -> None:
    own = place("one", "Dense", role="hidden")
    signals = {
        ("parameter.identical_columns", "one.weight"): [1.0, 1.0, 1.0, 1.0],
        ("parameter.identical_share", "one.weight"): [0.4, 0.0, 0.0, 0.0],
    }
    weight = place("one.weight", "weight", shape=(6, 40))
    assert alarms("symmetric-init", trace({**signals, **scores(0.2)}, places=[own, weight])) == ["error"]
    assert not found("symmetric-init", trace({**signals, **scores(0.2)}, places=[place("one", "Linear", role="hidden"), weight]))
    assert not found("symmetric-init", trace({**signals, **scores(0.2)}, places=[place("one", "Dense", role="output"), weight]))
    apart = {**signals, ("parameter.identical_columns", "one.weight"): [1.0, 0.0, 0.0, 0.0]}
    assert not found("symmetric-init", trace({**apart, **scores(0.2)}, places=[own, weight])), "apart after a step"


def test_lr_too_high_where_little_is_learned_with_large_steps() -> None:
    slow = np.linspace(1.9, 1.3, 200)
    assert alarms("lr-too-high", stepped(slow, 0.35, 0.3)) == ["error"]
    assert not found("lr-too-high", stepped(slow, 0.2, 0.3)), "smaller steps"
    assert not found("lr-too-high", stepped(np.linspace(1.9, 0.5, 200), 0.35, 0.3)), "most of the loss is gone"
