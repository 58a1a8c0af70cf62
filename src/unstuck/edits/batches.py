"""Edits where the batches are made: the size that a loader is given, or that a script cuts by hand; and the order of its samples.

A batch is cut by hand where rows are split (`perm.split(n)`), counted off (`range(0, rows, n)`) or drawn (`torch.randint(rows, (n,))`). Which
number is the batch size the watched run tells: a number that is written must be the size that was seen.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from unstuck.edits.calls import argument, last_name, number, prefix, scale, set_argument
from unstuck.edits.definitions import definition
from unstuck.edits.loaders import training_loader
from unstuck.edits.optimizers import scale_rate
from unstuck.edits.source import Draft, NoPatch, Source


def scale_batches(draft: Draft, factor: float) -> None:
    """Another batch size for training, with the rate scaled to match: linearly, for Adam and its relatives by the root."""
    batch = draft.facts.batch_size
    _resize(draft, max(2, round(batch * factor)) if batch else None, factor)
    adaptive = any("beta1" in o.settings for o in draft.facts.optimizers)
    scale_rate(draft, factor**0.5 if adaptive else factor)


def resize(draft: Draft, size: int) -> None:
    """Another batch size for training, and nothing else."""
    _resize(draft, size, size / draft.facts.batch_size)


def _resize(draft: Draft, size: int | None, factor: float) -> None:
    try:
        source, call = training_loader(draft)
        node = argument(call, "batch_size", 1 if last_name(call.func) == "DataLoader" else None)
    except NoPatch:
        cut_anew(draft, size)
        return
    if node is None and draft.facts.batch_size == 1 and last_name(call.func) == "DataLoader" and size is not None:
        set_argument(source, call, "batch_size", str(size))  # the default, which the watched run showed
        return
    if node is None:
        raise NoPatch("The loader's batch size is not written with it.", "加载器没有写明批次大小。")
    if size is not None and number(node) == draft.facts.batch_size:
        source.change(node, str(size))
    else:
        scale(source, node, factor, whole=True)


def cut_anew(draft: Draft, size: int | None) -> None:
    """Another size for batches that the script cuts itself: where that number is written once and for all, or everywhere it is used."""
    homes: dict[ast.expr, Source] = {}
    for source in draft.sources:
        for home in [definition(source, node) for node in sizes(source)]:
            value = number(home)
            if value == draft.facts.batch_size or (value is None and _is_length(home)):
                homes[home] = source
    if not homes:  # handed to a function that makes a batch: the name says what it is
        homes = {v: s for s in draft.sources for v in _named(s) if number(v) == draft.facts.batch_size}
    written = {number(home) if number(home) is not None else ast.unparse(home) for home in homes}
    if len(written) != 1 or size is None:
        raise NoPatch("Where the batches are cut is not to be seen.", "看不出批次是在哪里切分的。")
    for home, source in homes.items():
        source.change(home, str(size))
        if number(home) is not None and source.loop(home) is not None:
            _also_in_slices(source, home, size)


def sizes(source: Source) -> Iterator[ast.expr]:
    """Every expression that may be the size of batches cut by hand."""
    for call in source.each(ast.Call):
        name = last_name(call.func)
        if name == "split" and isinstance(call.func, ast.Attribute):
            given = call.args[1:2] if ast.unparse(call.func.value) == "torch" else call.args[:1]
            yield from given
        elif name == "range" and len(call.args) == 3:
            yield call.args[2]
        elif name in ("randint", "integers", "choice") and call.args:
            drawn = argument(call, "size") or call.args[-1]
            yield drawn.elts[0] if isinstance(drawn, ast.Tuple) and len(drawn.elts) == 1 else drawn
        elif isinstance(call.func, ast.Attribute) and name == "narrow" and len(call.args) == 3:
            yield call.args[2]
    for taken in source.each(ast.Subscript):
        part, drawn = taken.slice, taken.value
        first = isinstance(part, ast.Slice) and part.lower is None and part.step is None
        if first and isinstance(drawn, ast.Call) and last_name(drawn.func) == "randperm" and part.upper is not None:  # type: ignore[attr-defined]
            yield part.upper  # type: ignore[attr-defined]
        elif isinstance(part, ast.Slice) and isinstance(part.upper, ast.BinOp) and isinstance(part.upper.op, ast.Add):
            begun = part.lower is not None and ast.unparse(part.lower) == ast.unparse(part.upper.left)
            yield from [part.upper.right] if begun and number(part.upper.right) is None else []  # x[t:t + 1] is a window


def _named(source: Source) -> Iterator[ast.expr]:
    """Values of the names that say that they are the size of a batch."""
    for node in source.each(ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name) and re.fullmatch(r"bs|.*batch(_?size)?", target.id.lower()):
                yield node.value


def _is_length(node: ast.AST) -> bool:
    """All the rows there are: `len(x)`, `x.shape[0]`, `x.size(0)`."""
    if isinstance(node, ast.Call):
        return last_name(node.func) in ("len", "size")
    return isinstance(node, ast.Subscript) and last_name(node.value) == "shape"


def _also_in_slices(source: Source, home: ast.expr, size: int) -> None:
    """`for i in range(0, n, 40): x[i:i + 40]`: the other numbers that mean the same."""
    loop = source.loop(home)
    value = number(home)
    for cut in ast.walk(loop) if loop is not None else ():
        upper = cut.upper if isinstance(cut, ast.Slice) else None
        if isinstance(upper, ast.BinOp) and isinstance(upper.op, ast.Add) and number(upper.right) == value:
            source.change(upper.right, str(size))


# ------------------------------------------------------------------------------------------------------------- order


def at_random(draft: Draft) -> None:
    """Samples that the script counts off one after another, in random order: `arange(n)` becomes a permutation; slices go through one."""
    counted = [(s, c) for s, c in draft.each(ast.Call) if last_name(c.func) == "arange" and len(c.args) == 1 and not c.keywords]
    # An order stands for itself; what is calculated with is a column of numbers.
    counted = [(s, c) for s, c in counted if isinstance(s.parents[c], ast.Assign | ast.Return | ast.For | ast.Attribute)]
    if len(counted) == 1:
        source, call = counted[0]
        owner = source.written(call.func).removesuffix("arange")
        source.change(call.func, f"{owner}randperm" if owner.startswith("torch") else f"{owner}random.permutation")
        return
    from unstuck.edits.loops import step

    source, statement, _ = step(draft)
    loop = source.loop(statement)
    ranged = loop.iter if isinstance(loop, ast.For) and isinstance(loop.iter, ast.Call) else None
    if counted or loop is None or ranged is None or last_name(ranged.func) != "range" or len(ranged.args) != 3:
        raise NoPatch("Where the order of the samples is made is not to be seen.", "看不出样本的顺序在哪里决定。")
    start, stop, size = ranged.args
    assert isinstance(loop, ast.For)
    wanted = f"{ast.unparse(loop.target)} + {ast.unparse(size)}"
    cuts = [
        c for c in ast.walk(loop) if isinstance(c, ast.Slice) and c.lower is not None and c.upper is not None
        and ast.unparse(c.lower) == ast.unparse(loop.target) and ast.unparse(c.upper) == wanted
    ]  # fmt: skip
    if number(start) != 0 or not cuts:
        raise NoPatch("Where the order of the samples is made is not to be seen.", "看不出样本的顺序在哪里决定。")
    source.before(loop, [f"order = {prefix(source, 'torch')}randperm({source.written(stop)})"])
    for cut in cuts:
        source.change(cut, f"order[{source.written(cut)}]")
