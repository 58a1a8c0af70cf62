"""Edits behind the call of a recurrent layer."""

from __future__ import annotations

import ast

from unstuck.edits.calls import argument, last_name
from unstuck.edits.source import Draft, NoPatch

KINDS = ("RNN", "LSTM", "GRU")


def lead_past_steps(draft: Draft) -> None:
    """`out, h = self.rnn(x)`, and behind it the largest value so far added to what is read: the outputs, or the last state of an RNN or GRU."""
    layers = {}
    for _, made in draft.each(ast.Assign):
        call = made.value
        if isinstance(call, ast.Call) and last_name(call.func) in KINDS and isinstance(made.targets[0], ast.Name | ast.Attribute):
            first = argument(call, "batch_first")
            layers[ast.unparse(made.targets[0])] = last_name(call.func), isinstance(first, ast.Constant) and first.value is True
    changed = 0
    for source, use in draft.each(ast.Assign):
        target, call = use.targets[0], use.value
        if not (
            isinstance(call, ast.Call) and ast.unparse(call.func) in layers and isinstance(target, ast.Tuple) and len(target.elts) == 2
        ):
            continue
        kind, batch_first = layers[ast.unparse(call.func)]
        time, (steps, state) = int(batch_first), (ast.unparse(e) for e in target.elts)
        function = source.function(use) or source.tree
        read = {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        lines = [f"{state} = {state} + {steps}.amax({time})"] if state in read and kind != "LSTM" else []
        lines += [f"{steps} = {steps} + {steps}.cummax({time}).values"] if steps in read else []
        if not lines or (state in read and kind == "LSTM"):
            raise NoPatch("What is read of the recurrent layer is not to be seen.", "看不出循环层的哪一部分被读取。")
        source.after(use, lines)
        changed += 1
    if not changed:
        raise NoPatch("No line unpacks what a recurrent layer gives.", "没有语句拆分循环层的输出。")
