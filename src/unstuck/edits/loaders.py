"""Edits where the training loader is built: its order; and standardised inputs."""

from __future__ import annotations

import ast
import re

from unstuck.edits.calls import argument, assigned, last_name, set_argument
from unstuck.edits.loops import step
from unstuck.edits.source import Draft, NoPatch, Source


def training_loader(draft: Draft) -> tuple[Source, ast.Call]:
    """The call that makes what the training loop goes through: a DataLoader, or the script's own function that makes one."""
    calls = [(s, c) for s, c in draft.each(ast.Call) if last_name(c.func) == "DataLoader"]
    if len(calls) == 1 and calls[0][0].function(calls[0][1]) is None:
        return calls[0]
    source, statement, _ = step(draft)
    loop = source.loop(statement)
    while loop is not None:
        names = [n for n in ast.walk(loop.iter) if isinstance(n, ast.Name | ast.Attribute)] if isinstance(loop, ast.For) else []
        for name in names:
            made = [v for v in assigned(source, ast.unparse(name)) if isinstance(v, ast.Call)]
            if len(made) == 1 and (
                last_name(made[0].func) == "DataLoader" or any(k.arg in ("shuffle", "batch_size") for k in made[0].keywords)
            ):
                return source, made[0]
        loop = source.loop(loop)
    if len(calls) == 1:
        return calls[0]
    raise NoPatch("Which loader the training goes through is not to be seen.", "看不出训练使用哪个加载器。")


def shuffle(draft: Draft) -> None:
    """shuffle=True for the training loader."""
    source, call = training_loader(draft)
    streams = [c for _, c in draft.each(ast.ClassDef) if "IterableDataset" in [last_name(b) for b in c.bases]]
    if streams:
        raise NoPatch("The samples come as a stream, which the loader cannot shuffle.", "样本以流的方式给出，加载器无法打乱。")
    if any(k.arg in ("sampler", "batch_sampler") for k in call.keywords):
        raise NoPatch("The loader has a sampler of its own.", "加载器有自己的采样器。")
    old = argument(call, "shuffle", 2 if last_name(call.func) == "DataLoader" else None)
    if old is None and last_name(call.func) != "DataLoader":
        raise NoPatch("The loader is made by a function that takes no order.", "创建加载器的函数没有顺序参数。")
    if isinstance(old, ast.Constant) and old.value is True:
        raise NoPatch("The loader shuffles already.", "加载器已经打乱顺序。")
    set_argument(source, call, "shuffle", "True", 2 if last_name(call.func) == "DataLoader" else None)


def standardise(draft: Draft) -> None:
    """Behind `a_train, a_test, ... = train_test_split(a, ...)`: both with the mean and spread of the training part."""
    source, node, train, test = _split(draft)
    lines = [
        f"mean, std = {train}.mean(0), {train}.std(0) + 1e-8",
        f"{train}, {test} = ({train} - mean) / std, ({test} - mean) / std",
    ]
    source.after(node, _named_apart(source, lines))


def standardise_robustly(draft: Draft, reach: float) -> None:
    """The same, where what lies more than `reach` interquartile ranges from the median counts as missing."""
    source, node, train, test = _split(draft)
    np = next((a.asname or a.name for n in source.imports if isinstance(n, ast.Import) for a in n.names if a.name == "numpy"), None)
    if np is None:
        raise NoPatch("The script does not import numpy by name.", "脚本没有按名称导入 numpy。")
    lines = [
        f"low, median, high = {np}.nanpercentile({train}, [25, 50, 75], axis=0)",
        f"reach = {np}.where(high > low, {reach:g} * (high - low), {np}.inf)",
        f"{train}, {test} = ({np}.where(abs(a - median) <= reach, a, {np}.nan) for a in ({train}, {test}))",
        f"mean, std = {np}.nanmean({train}, 0), {np}.nanstd({train}, 0) + 1e-8",
        f"{train}, {test} = ({np}.nan_to_num((a - mean) / std) for a in ({train}, {test}))",
    ]
    source.after(node, _named_apart(source, lines))


def _split(draft: Draft) -> tuple[Source, ast.stmt, str, str]:
    """The one line that parts the inputs, and what the parts are called."""
    if any(p.kind.startswith("Conv") for p in draft.facts.places):
        raise NoPatch(
            "Images are standardised by channel, and which dimension that is the script does not say.",
            "图像按通道标准化，脚本没有说明哪一维是通道。",
        )
    found = []
    for source, node in draft.each(ast.Assign):
        left, right = node.targets[0], node.value
        split = isinstance(right, ast.Call) and last_name(right.func) == "train_test_split"
        if split and isinstance(left, ast.Tuple) and len(left.elts) >= 2 and all(isinstance(e, ast.Name) for e in left.elts):
            found.append((source, node, [e.id for e in left.elts if isinstance(e, ast.Name)]))
    if len(found) != 1:
        raise NoPatch("There is no single line that makes the training inputs.", "没有唯一一行构造训练输入。")
    source, node, (train, test, *_) = found[0]
    return source, node, train, test


def _named_apart(source: Source, lines: list[str]) -> list[str]:
    """The lines with names that the script does not use."""
    if {n.id for n in source.each(ast.Name) if isinstance(n.ctx, ast.Store)} & {"mean", "std", "low", "median", "high", "reach"}:
        return [re.sub(r"(?<![.\w])(mean|std|low|median|high|reach)\b", r"x_\1", line) for line in lines]
    return lines
