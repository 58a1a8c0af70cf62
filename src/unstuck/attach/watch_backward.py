"""The backward pass: `backward`, `torch.autograd.grad`, `torch.func.grad`, and what a script may do to gradients on their way."""

from __future__ import annotations

from typing import Any

import torch
from torch._functorch import eager_transforms

from unstuck.attach import transforms
from unstuck.attach.guard import Guard
from unstuck.attach.observer import Observer
from unstuck.attach.patches import Patches
from unstuck.attach.watch_forward import ForwardPasses


class BackwardPasses:
    """Wraps every way to ask for gradients."""

    def __init__(self, observer: Observer, guard: Guard, forward: ForwardPasses, transforms: transforms.Transforms) -> None:
        self._observer, self._guard, self._forward, self._transforms = observer, guard, forward, transforms
        #: The script calls `backward`: gradients that it asks for in other ways are not those of its steps.
        self._backwards = False

    def install(self, patches: Patches) -> None:
        """Wrap them."""
        patches.put(torch.autograd, "backward", self._backward)
        patches.put(torch.autograd, "grad", self._grad)
        if hasattr(eager_transforms, "grad_and_value_impl"):  # not public: it may have another name in another torch
            patches.put(eager_transforms, "grad_and_value_impl", self._transform)
        patches.put(torch.autograd.graph.saved_tensors_hooks, "__enter__", self._saved_tensor_hooks)
        patches.put(torch.Tensor, "register_hook", self._tensor_hook)

    def _backward(self, original: Any) -> Any:
        observer, guard = self._observer, self._guard

        def backward(tensors: Any, *args: Any, **kwargs: Any) -> Any:
            if observer.in_backward or not guard.ours():
                return original(tensors, *args, **kwargs)
            self._backwards = True
            result = self._differentiate(tensors, original, args, kwargs)
            if (observer.late_step or not observer.ownership.optimizers) and guard.active:
                guard.quietly("step", observer.end_step_after_backward)
                guard.run("next", self._forward.next_step)
            return result

        return backward

    def _differentiate(self, root: Any, original: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """`original(root, ...)`, the outermost backward pass, watched."""
        observer, guard, forward = self._observer, self._guard, self._forward
        observer.in_backward = True
        if forward.comparisons.undo:
            guard.run("deafen", forward.comparisons.deafen)
        try:
            handles = (guard.quietly if observer.sampling else guard.run)("before_backward", observer.before_backward, root)
            if forward.handles and not observer.sampling:
                forward.disarm()
            result = original(root, *args, **kwargs)
            if handles:
                guard.run("after_backward", observer.after_backward, handles)
        finally:
            observer.in_backward = False
        return result

    def _grad(self, original: Any) -> Any:
        def grad(outputs: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
            if torch.compiler.is_compiling() or args or not self._is_step(outputs, inputs, kwargs):
                return original(outputs, inputs, *args, **kwargs)
            result = self._differentiate(outputs, original, (inputs,), kwargs)
            if self._guard.active:
                parameters = [inputs] if isinstance(inputs, torch.Tensor) else inputs
                found = {id(p): g for p, g in zip(parameters, result, strict=False) if g is not None}
                self._guard.quietly("step", self._observer.end_step_after_backward, found)
                self._guard.run("next", self._forward.next_step)
            return result

        return grad

    def _is_step(self, outputs: Any, inputs: Any, kwargs: Any) -> bool:
        """Somebody who has no optimizer asks for the gradients of one number with respect to some leaves, and means to go no further."""
        if not self._trains_by_hand() or kwargs.keys() - {"retain_graph", "allow_unused"}:
            return False
        parameters = [inputs] if isinstance(inputs, torch.Tensor) else inputs
        if not isinstance(parameters, (tuple, list)):  # not to be gone through twice
            return False
        root = outputs[0] if isinstance(outputs, (tuple, list)) and len(outputs) == 1 else outputs
        leaves = all(isinstance(p, torch.Tensor) and p.is_leaf for p in parameters)
        return isinstance(root, torch.Tensor) and root.numel() == 1 and root.requires_grad and leaves

    def _trains_by_hand(self) -> bool:
        return not self._observer.ownership.optimizers and self._is_outermost()

    def _is_outermost(self) -> bool:
        inside = self._observer.in_backward or self._transforms.inside or transforms.active()
        return not inside and not self._backwards and self._guard.ours()

    def _transform(self, original: Any) -> Any:
        def grad_and_value_impl(func: Any, argnums: Any, has_aux: bool, args: Any, kwargs: Any) -> Any:
            if torch.compiler.is_compiling() or not self._is_outermost():
                return original(func, argnums, has_aux, args, kwargs)
            parameters = self._guard.quietly("before_transform", self._transform_begins, argnums, args)
            if not parameters:
                return original(func, argnums, has_aux, args, kwargs)
            self._transforms.inside = True
            try:
                result = original(func, argnums, has_aux, args, kwargs)
            finally:
                noted = self._transforms.leave()
            if self._forward.comparisons.undo:
                self._guard.run("deafen", self._forward.comparisons.deafen)
            if self._guard.active:
                self._guard.quietly("transform", self._transforms.done, parameters, noted, result, has_aux)
                self._guard.run("next", self._forward.next_step)
            return result

        return grad_and_value_impl

    def _transform_begins(self, argnums: Any, args: Any) -> list[tuple[str, torch.Tensor]]:
        chosen = args[argnums] if isinstance(argnums, int) else tuple(args[i] for i in argnums)
        parameters = transforms.named(chosen)
        if self._observer.ownership.optimizers and not self._observer.ownership.holds([t for _, t in parameters]):
            return []  # of something else, beside the steps
        self._transforms.begin(parameters)
        return parameters

    # ------------------------------------------------------------------------------------------------ on the gradients' way

    def _saved_tensor_hooks(self, original: Any) -> Any:
        def __enter__(context: Any) -> Any:
            self._observer.propagation.saved_tensor_hooks = True
            return original(context)

        return __enter__

    def _tensor_hook(self, original: Any) -> Any:
        def register_hook(tensor: Any, hook: Any) -> Any:
            if not tensor.is_leaf:
                self._observer.propagation.node_hooks.altered = True
            return original(tensor, hook)

        return register_hook
