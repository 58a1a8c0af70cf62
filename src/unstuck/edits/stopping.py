"""Early stopping, written where the script validates."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator

from unstuck.edits.calls import last_name
from unstuck.edits.loops import model_at, step
from unstuck.edits.losses import loss_call
from unstuck.edits.reach import free
from unstuck.edits.source import INDENT, Draft, Function, Loop, NoPatch, Source

#: A validation that is longer is not repeated.
LINES = 4
GRADIENTLESS = frozenset(("no_grad", "inference_mode"))


def stop_early(draft: Draft, patience: int) -> None:
    """Keep the weights of the lowest validation loss; go back to them and leave the loop after some validations without a new lowest."""
    found = list(validation_losses(draft))
    if not found:
        raise NoPatch("No statement of the script keeps a validation loss in a name.", "脚本没有把验证损失存入变量。")
    if len(found) > 1:
        raise NoPatch(f"The script computes {len(found)} validation losses.", f"脚本计算了 {len(found)} 个验证损失。")
    source, statement, loss = found[0]
    node, loop = _in_training_loop(draft, source, statement)
    accumulated = any(isinstance(n, ast.AugAssign) and ast.unparse(n.target) == loss for n in ast.walk(node))
    if accumulated and not any(isinstance(n, ast.Assign) and loss in map(ast.unparse, n.targets) for n in ast.walk(loop)):
        raise NoPatch(f"{loss} is not set anew for every validation.", f"{loss} 没有在每次验证时重新置零。")
    model = model_at(draft, source, node)
    if model is None:
        raise NoPatch("The model has no name of its own where the script validates.", "脚本验证之处模型没有自己的名称。")
    last = source.block(node)[-1]
    if isinstance(last, ast.Break | ast.Continue | ast.Return):
        raise NoPatch("The loop is left behind the validation.", "验证之后即离开循环。")
    best, waited, weights = (free(draft, name) for name in ("best", "waited", "best_weights"))
    copy = f"{{k: v.clone() for k, v in {model}.state_dict().items()}}"
    source.before(loop, [f'{best}, {waited}, {weights} = float("inf"), 0, {copy}'])
    source.after(
        last,
        [
            f"if {loss} < {best}:",
            f"{INDENT}{best}, {waited}, {weights} = {loss}, 0, {copy}",
            "else:",
            f"{INDENT}{waited} += 1",
            f"{INDENT}if {waited} == {patience}:",
            f"{2 * INDENT}{model}.load_state_dict({weights})",
            *(f"{2 * INDENT}{line}" for line in _again(source, node)),
            f"{2 * INDENT}break",
        ],
    )


def _again(source: Source, node: ast.stmt) -> list[str]:
    """A short validation once more, now of the weights that are kept; the last one seen was three validations past them."""
    written = textwrap.dedent(" " * node.col_offset + source.written(node)).splitlines()
    return written if len(written) <= LINES and not isinstance(source.parents[node], ast.If) else []


def validation_losses(draft: Draft) -> Iterator[tuple[Source, ast.stmt, str]]:
    """Statements that leave the loss of a validation in a name: a block without gradients, or the call of a function that has one."""
    called = last_name(loss_call(draft)[1].func)
    for source, block in draft.each(ast.With):
        names = {last_name(i.context_expr.func) for i in block.items if isinstance(i.context_expr, ast.Call)}
        if names & GRADIENTLESS and not _returned(source.function(block), called):
            yield from ((source, block, name) for name in _kept(block, called))
    for _, function in draft.each(ast.FunctionDef):
        if _gradientless(function) and (at := _returned(function, called)) is not None:
            for where, node in draft.each(ast.Assign):
                if isinstance(node.value, ast.Call) and last_name(node.value.func) == function.name:
                    target = node.targets[0]
                    parts = target.elts if isinstance(target, ast.Tuple) else [target]
                    if at[1] == len(parts) and isinstance(parts[at[0]], ast.Name):
                        yield where, node, ast.unparse(parts[at[0]])


def _kept(block: ast.AST, called: str) -> list[str]:
    """Names that a loss goes into, straight or as one term of a sum."""
    found = []
    for node in ast.walk(block):
        if isinstance(node, ast.Assign | ast.AugAssign) and _calls(node.value, called):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name):
                found.append(target.id)
    # `batch_loss = criterion(...); total += batch_loss.item()`: the sum counts.
    sums = [
        n.target.id
        for n in ast.walk(block)
        if isinstance(n, ast.AugAssign)
        and isinstance(n.target, ast.Name)
        and any(isinstance(m, ast.Name) and m.id in found for m in ast.walk(n.value))
    ]
    return list(dict.fromkeys(sums or found))


def _calls(node: ast.AST, called: str) -> bool:
    return any(isinstance(c, ast.Call) and last_name(c.func) == called for c in ast.walk(node))


def _gradientless(function: Function) -> bool:
    marks = [d.func if isinstance(d, ast.Call) else d for d in function.decorator_list]
    marks += [
        i.context_expr.func for w in ast.walk(function) if isinstance(w, ast.With) for i in w.items if isinstance(i.context_expr, ast.Call)
    ]
    return any(last_name(m) in GRADIENTLESS for m in marks)


def _returned(function: Function | None, called: str) -> tuple[int, int] | None:
    """Which part of what a function returns is the loss, of how many; None where none is."""
    returns = [n for n in ast.walk(function) if isinstance(n, ast.Return) and n.value is not None] if function is not None else []
    if function is None or len(returns) != 1 or returns[0].value is None:
        return None
    value = returns[0].value
    names = set(_kept(function, called))
    parts = value.elts if isinstance(value, ast.Tuple) else [value]
    hits = [i for i, p in enumerate(parts) if _calls(p, called) or any(isinstance(n, ast.Name) and n.id in names for n in ast.walk(p))]
    return (hits[0], len(parts)) if len(hits) == 1 else None


def _in_training_loop(draft: Draft, source: Source, statement: ast.stmt) -> tuple[ast.stmt, Loop]:
    """The loop in which training and validation alternate, and the statement in it that validates."""
    where, step_statement, _ = step(draft)
    trainer = where.function(step_statement)
    node, loop = statement, source.loop(statement)
    while loop is not None:
        inside = set(ast.walk(loop))
        calls = trainer is not None and any(isinstance(n, ast.Call) and last_name(n.func) == trainer.name for n in inside)
        if step_statement in inside or calls:
            return node, loop
        node, loop = loop, source.loop(loop)
    raise NoPatch("Training and validation alternate in no loop of the script.", "脚本中没有训练与验证交替的循环。")
