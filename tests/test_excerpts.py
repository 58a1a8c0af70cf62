"""Excerpts: what is taken on the host equals what is taken on an accelerator, and reading changes nothing."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from unstuck.attach import excerpts, windows

SHAPES = st.one_of(
    st.tuples(st.integers(1, 70)),
    st.tuples(st.integers(1, 70), st.integers(1, 600)),
    st.tuples(st.integers(1, 9), st.integers(1, 40), st.integers(1, 30)),
    st.tuples(st.integers(1, 9), st.integers(1, 40), st.integers(1, 9), st.integers(1, 9)),
)


def values(shape: tuple[int, ...], strided: bool) -> torch.Tensor:
    t = torch.randn(shape, generator=torch.Generator().manual_seed(len(shape))).relu() - 0.1 * (len(shape) % 2)
    if strided and t.dim() == 4:
        return t.contiguous(memory_format=torch.channels_last)
    return t.transpose(0, -1).contiguous().transpose(0, -1) if strided and t.dim() > 1 else t


def taken(t: torch.Tensor, first: bool) -> list[np.ndarray | None]:
    pool = excerpts.Pool()
    fired = excerpts.firing(t, first)
    light = excerpts.light(t)
    found: list[excerpts.Excerpt | None] = [
        excerpts.strided_rows(t, first, pool),
        fired[0] if fired is not None else None,
        excerpts.norms([light, None], [t, None])[0],
        excerpts.row_of([t, t[:1]]),
        excerpts.batch(t),
    ]
    if t.dim() > 1:
        found.append(excerpts.channel_moments(t, torch.zeros(t.shape[1]), torch.ones(t.shape[1])))
    present = iter(excerpts.landed([f for f in found if f is not None]))
    return [None if f is None else np.array(next(present), np.float64) for f in found]


@given(shape=SHAPES, first=st.booleans(), strided=st.booleans())
@settings(max_examples=80, deadline=None)
def test_a_tensor_that_is_not_in_host_memory_gives_the_same_excerpts(shape: tuple[int, ...], first: bool, strided: bool) -> None:
    t = values(shape, strided)
    here = taken(t, first)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(excerpts, "look", lambda t, cut, setting: cut(t.detach(), setting))  # as it is on an accelerator
        patch.setattr(excerpts, "seen", lambda t: t.detach())
        there = taken(t, first)
    for one, other in zip(here, there, strict=True):
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            np.testing.assert_allclose(one, other, rtol=2e-5, atol=1e-6)


@given(shape=SHAPES, strided=st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_window_shows_the_tensor(shape: tuple[int, ...], strided: bool) -> None:
    t = values(shape, strided)
    seen = windows.window(t)
    assert seen is not None
    np.testing.assert_array_equal(seen, t.clone().numpy())


@given(shape=SHAPES, strided=st.booleans(), step=st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_a_part_worked_out_for_one_tensor_is_that_of_the_next(shape: tuple[int, ...], strided: bool, step: int) -> None:
    def cut(array: object, step: int) -> object:
        return array.swapaxes(0, -1)[::step].reshape(-1)[::2] if step > 2 else array[1::step].swapaxes(0, -1)  # type: ignore[attr-defined]

    for t in (values(shape, strided), values(shape, strided) + 1):
        np.testing.assert_array_equal(np.asarray(windows.look(t, cut, step)), np.asarray(cut(t, step)))


def test_a_window_leaves_the_storage_resizable() -> None:
    t = torch.zeros(4)
    windows.window(t)
    t.resize_(10)  # refuses after `Tensor.numpy()`
    with pytest.raises(RuntimeError):
        other = torch.zeros(4)
        other.numpy()
        other.resize_(10)


def test_a_window_keeps_its_tensor_alive_and_no_longer() -> None:
    t = torch.randn(1000)
    reference = weakref.ref(t)
    part = windows.window(t)[::3]  # type: ignore[index]
    del t
    gc.collect()
    assert reference() is not None
    del part
    gc.collect()
    assert reference() is None


@pytest.mark.parametrize(
    "tensor", [torch.zeros(3, dtype=torch.bfloat16), torch.zeros(3).to_sparse(), torch.zeros(2, dtype=torch.complex64)]
)
def test_what_has_no_window(tensor: torch.Tensor) -> None:
    assert windows.window(tensor) is None


def test_large_gradients_are_estimated_within_a_tenth() -> None:
    gradient = torch.randn(64, 32, 28, 28)
    size, factor = excerpts.light(gradient)
    assert isinstance(size, float)
    assert size * factor == pytest.approx(float(gradient.norm()), rel=0.1)


@pytest.mark.parametrize("scale", [1e-25, 1e25])
def test_the_norm_of_a_large_gradient_neither_vanishes_nor_overflows(scale: float) -> None:
    size, factor = excerpts.light(torch.full((40_000,), scale))
    assert isinstance(size, float)
    assert size * factor == pytest.approx(200 * scale, rel=1e-3)


def test_a_pool_holds_what_was_kept_until_it_is_cleared() -> None:
    pool = excerpts.Pool()
    kept = [pool.keep(np.full((100, 100), i, np.float32)) for i in range(5)]
    assert [float(np.asarray(k)[0, 0]) for k in kept] == [0, 1, 2, 3, 4]
    pool.clear()
    again = [pool.keep(np.full((100, 100), i, np.float32)) for i in range(5)]
    assert all(np.shares_memory(a, b) for a, b in zip(again[:1], [pool._memory], strict=True))
