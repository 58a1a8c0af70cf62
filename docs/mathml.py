"""Formulas as MathML: set by the browser itself, hence without a script and without a network. math-core knows LaTeX."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.util import logging

_CONVERTER = LatexToMathML(fancy_error=False)
_LOGGER = logging.getLogger(__name__)


def _written(writer: Any, node: nodes.Element, *, block: bool) -> None:
    try:
        formula = _CONVERTER.convert_with_local_state(node.astext(), displaystyle=block)
    except LatexError as error:
        _LOGGER.warning("formula %r: %s", node.astext(), error, location=node)
        formula = writer.encode(node.astext())
    writer.body.append(f'<span class="formula">{formula}</span>' if block else formula)
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, bool]:
    """Sphinx asks for it."""
    inline = lambda writer, node: _written(writer, node, block=False)  # noqa: E731
    block = lambda writer, node: _written(writer, node, block=True)  # noqa: E731
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
