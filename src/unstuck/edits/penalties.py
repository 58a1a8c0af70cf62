"""Edits of penalties that a script adds to its loss by hand."""

from __future__ import annotations

import ast

from unstuck.edits.calls import assigned, last_name
from unstuck.edits.source import Draft, NoPatch, Source


def without_penalty(draft: Draft) -> None:
    """0 in place of the factor of a sum over the model's parameters."""
    found: list[tuple[Source, ast.expr]] = []
    for source, product in draft.each(ast.BinOp):
        if isinstance(product.op, ast.Mult):
            for factor, term in ((product.left, product.right), (product.right, product.left)):
                if _sums_parameters(source, term) and not _sums_parameters(source, factor):
                    found.append((source, factor))
    if len(found) != 1:
        raise NoPatch("No penalty on the weights is written in the loss.", "损失中没有写明对权重的惩罚项。")
    source, factor = found[0]
    source.change(factor, "0.0")


def _sums_parameters(source: Source, term: ast.expr) -> bool:
    """`sum(p.abs().sum() for p in net.parameters())`, a name that stands for it, or a call of a function of the script that does that and no
    more.
    """
    homes: list[ast.AST] = [term, *(assigned(source, ast.unparse(term)) if isinstance(term, ast.Name | ast.Attribute) else [])]
    if isinstance(term, ast.Call):
        homes += [f for f in source.each(ast.FunctionDef) if f.name == last_name(term.func) and not _trains(f)]
    names = [n.attr for home in homes for n in ast.walk(home) if isinstance(n, ast.Attribute)]
    sums = any(isinstance(n, ast.Call) and getattr(n.func, "id", getattr(n.func, "attr", "")) == "sum" for h in homes for n in ast.walk(h))
    return sums and "grad" not in names and bool({"parameters", "named_parameters"} & set(names))


def _trains(function: ast.FunctionDef) -> bool:
    """It takes steps, or gradients."""
    return any(isinstance(n, ast.Attribute) and n.attr in ("backward", "step", "zero_grad") for n in ast.walk(function))
