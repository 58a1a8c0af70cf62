"""How inputs and targets go together: laws of the comparison of two sets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unstuck.attach.association import FEATURES, Association
from unstuck.attach.association import compared as compared_rows

SEEDS = st.integers(0, 2**32 - 1)


def quantities(rng: np.random.Generator, n: int, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    x = rng.normal(size=(n, len(weights)))
    return x, (x @ weights + 0.3 * rng.normal(size=(n, weights.shape[1]))).argmax(1)


def texts(rng: np.random.Generator, n: int, tones: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    ids = rng.integers(0, len(tones), (n, 8))
    return ids, (tones[ids].sum(1) > 8 * tones.mean()).astype(np.int64)


def compared(training: Association, given: Association) -> dict[str, float]:
    rows = [int(sum(h.count for h in a.halves if h is not None)) for a in (training, given)]
    return compared_rows(training, rows[0], given, rows[1])


def over(inputs: np.ndarray, targets: np.ndarray, batch: int = 500) -> Association:
    found, marks = Association(), np.random.default_rng(0).integers(0, 2**40, len(inputs)).tolist()
    for i in range(0, len(inputs), batch):
        rows = inputs[i : i + batch]
        found.add(rows, targets[i : i + batch], np.ones(len(rows), bool), marks[i : i + batch])
    return found


@settings(deadline=None, max_examples=25)
@given(SEEDS, st.booleans())
def test_sets_drawn_alike_agree_whatever_their_sizes(seed: int, words: bool) -> None:
    rng = np.random.default_rng(seed)
    draw, truth = (texts, rng.normal(size=60)) if words else (quantities, rng.normal(size=(10, 3)))
    values = compared(over(*draw(rng, 3000, truth)), over(*draw(rng, 1000, truth)))  # type: ignore[operator]
    assert min(values["association_trained"], values["association_given"]) > 0.6
    assert values["association"] == pytest.approx(1, abs=0.25)


@settings(deadline=None, max_examples=25)
@given(SEEDS)
def test_ids_classes_and_columns_numbered_anew_have_little_in_common(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tones, weights = rng.normal(size=60), rng.normal(size=(40, 6))
    ids, tags = texts(rng, 1000, tones)
    values = compared(over(*texts(rng, 3000, tones)), over(rng.permutation(60)[ids], tags))
    assert values["association"] < 0.6
    assert values["association_given"] > 0.6
    x, y = quantities(rng, 1000, weights)
    trained = over(*quantities(rng, 3000, weights))
    assert compared(trained, over(x[:, np.roll(np.arange(40), 1)], y))["association"] < 0.6
    assert compared(trained, over(x, (y + 1) % 6))["association"] < 0.6


@settings(deadline=None, max_examples=25)
@given(SEEDS, st.floats(1e-3, 1e3), st.floats(-1e3, 1e3))
def test_another_scale_is_no_other_association(seed: int, scale: float, shift: float) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(5, 2))
    trained, (x, y) = over(*quantities(rng, 1000, weights)), quantities(rng, 400, weights)
    expected = compared(trained, over(x, y))
    assert compared(trained, over(x * scale + shift, y)) == pytest.approx(expected, rel=1e-3, abs=1e-3)


@settings(deadline=None, max_examples=25)
@given(SEEDS)
def test_targets_in_any_order_go_with_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(20, 3))
    x, y = quantities(rng, 2000, weights)
    values = compared(over(x, rng.permutation(y)), over(*quantities(rng, 1000, weights)))
    assert values["association_trained"] == 0.0 < 0.6 < values["association_given"]
    assert abs(values["association_strength"]) < 0.3


@settings(deadline=None, max_examples=25)
@given(SEEDS, st.sampled_from([0.0, 0.3, 0.6]))
def test_the_strength_tells_how_many_targets_belong_to_their_inputs(seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(6, 2))
    x, y = quantities(rng, 4000, weights)
    mixed = np.flatnonzero(rng.random(4000) < share)
    y[mixed] = y[rng.permutation(mixed)]
    assert compared(over(x, y), over(*quantities(rng, 2000, weights)))["association_strength"] == pytest.approx(1 - share, abs=0.2)


def test_the_same_row_again_makes_luck_no_surer() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(40, 30)), rng.integers(0, 2, 40)
    found = Association()
    for _ in range(100):
        found.add(x, y, np.ones(40, bool), range(40))
    assert compared_rows(found, 40, found, 40)["association_trained"] == 0.0


def test_of_many_features_some_are_followed_and_an_answer_for_every_id_counts() -> None:
    rng = np.random.default_rng(0)
    found = over(rng.normal(size=(100, 3, 28, 28)), rng.normal(size=100))
    assert found.halves[0] is not None
    assert found.halves[0].products.shape[0] <= FEATURES
    ids = rng.integers(0, 50, (300, 7))
    tagged = over(ids, ids % 5)
    values = compared(tagged, over(ids[::-1], (ids[::-1] + 1) % 5))
    assert values["association_given"] > 0.9
    assert values["association"] < 0.1


@pytest.mark.parametrize(
    ("inputs", "targets"),
    [
        (np.zeros((4, 3)), np.zeros(4)),
        (np.full((4, 3), np.nan), np.arange(4)),
        (np.ones((4, 3)), np.full(4, np.nan)),
        (np.zeros((4, 0)), np.arange(4)),
        (np.arange(12).reshape(4, 3), np.arange(12).reshape(4, 3)),
        (np.arange(12).reshape(4, 3), np.arange(20).reshape(4, 5)),
        (np.zeros((4, 3)), np.zeros((4, 99))),
    ],
)
def test_what_tells_nothing_is_no_error(inputs: np.ndarray, targets: np.ndarray) -> None:
    found = over(inputs, targets)
    assert all(v == v for v in compared(found, found).values())
    assert compared(found, Association()) == {}
