"""Places where a script takes a tensor off the graph, answered as if it did not: `detach`, `.data`, and `no_grad` within a forward pass.

Only the user's own calls, only in training, and only tensors that were computed (a parameter's `.data` is how weights are set by hand). What
leaves torch for numpy is taken off all the same; where the very array comes back in the same forward pass, it is the tensor that it was.
"""

from __future__ import annotations

import functools
import sys
from collections import deque
from types import FrameType
from typing import Any

import numpy as np
import torch

from unstuck.attach.call_sites import users_call
from unstuck.attach.surgery import Tally
from unstuck.training import Training

#: Tensors that are remembered after they left for numpy.
LEFT = 64
#: Frames between the user's own and that of a module that is being called.
DEPTH = 40


def keep_graph(training: Training) -> Tally:
    """From here on nothing is taken off the graph."""
    tally = Tally()
    tensor = torch.Tensor
    plain, numpy = tensor.detach, tensor.numpy
    data: Any = tensor.data

    def computed(t: Any, frame: FrameType) -> bool:
        tally.seen += 1
        kept = t.grad_fn is not None and torch.is_grad_enabled() and users_call(frame)
        tally.changed += kept
        return bool(kept)

    def detach(t: Any) -> Any:
        return t if computed(t, sys._getframe(1)) else plain(t)

    def read(t: Any) -> Any:
        return t if computed(t, sys._getframe(1)) else data.__get__(t)

    #: Tensors that left for numpy last; held, so that their memory is nobody else's.
    left: deque[Any] = deque(maxlen=LEFT)

    def to_numpy(t: Any, *args: Any, **kwargs: Any) -> Any:
        if t.grad_fn is not None and torch.is_grad_enabled() and within_forward(sys._getframe(1)):
            left.append(t)
        return numpy(plain(t) if t.requires_grad else t, *args, **kwargs)

    def back(original: Any) -> Any:
        @functools.wraps(original)
        def from_array(array: Any, *args: Any, **kwargs: Any) -> Any:
            result = original(array, *args, **kwargs)
            if not isinstance(array, np.ndarray) or not left or not torch.is_grad_enabled():
                return result
            for t in reversed(left):
                if t.data_ptr() == array.ctypes.data and tuple(t.shape) == array.shape and t.numel():
                    tally.changed += 1
                    return t.to(result.dtype)
            return result

        return from_array

    for name in ("from_numpy", "as_tensor", "tensor"):
        training.patch(torch, name, back(getattr(torch, name)))

    training.patch(tensor, "detach", functools.wraps(plain)(detach))
    training.patch(tensor, "numpy", functools.wraps(numpy)(to_numpy))
    training.patch(tensor, "data", property(read, lambda t, value: data.__set__(t, value)))
    training.patch(torch.no_grad, "__enter__", _entered(torch.no_grad.__enter__, tally))
    return tally


def _entered(original: Any, tally: Tally) -> Any:
    @functools.wraps(original)
    def __enter__(context: Any) -> Any:
        frame = sys._getframe(1)
        if torch.is_grad_enabled() and users_call(frame) and within_forward(frame):
            tally.seen += 1
            tally.changed += 1
            context.prev = True
            return None
        return original(context)

    return __enter__


def within_forward(frame: FrameType | None) -> bool:
    """A module is being called somewhere above."""
    for _ in range(DEPTH):
        if frame is None:
            return False
        if frame.f_code.co_name == "_call_impl":
            return True
        frame = frame.f_back
    return False
