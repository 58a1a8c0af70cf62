"""LaTeX formulas made readable where no formula can be set: a terminal. pylatexenc knows the symbols; fractions and indices are ours."""

from __future__ import annotations

import re
from functools import cache

_RAISED = dict(zip("0123456789+-=()aeijklmnoprstuvxyzTβ⊤*′ᵀ", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵉⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛˣʸᶻᵀᵝᵀ*′ᵀ", strict=True)) | {"−": "⁻"}
_LOWERED = dict(zip("0123456789+-=()aehijklmnoprstuvxβ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦ", strict=True)) | {"−": "₋"}
#: Braces, at most two deep: enough, since indices and fractions are resolved from the inside.
_GROUP = r"\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}"
_FRACTION = re.compile(r"\\[td]?frac\s*" + _GROUP + r"\s*" + _GROUP)
_INDEX = re.compile(r"([_^])(?:" + _GROUP + r"|(\\[A-Za-z]+|[^\s\\{}]))")
_BLOCK = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
_INLINE = re.compile(r"(?<![\\$])\$((?:[^$\n]|\n(?!\s*\n))+?)\$")
_CODE = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)
_SAID = {
    r"\lVert": "‖", r"\rVert": "‖", r"\lvert": "|", r"\rvert": "|", r"\Vert": "‖", r"\left": "", r"\right": "", r"\big": "", r"\Big": "",
    r"\bigl": "", r"\bigr": "", r"\Bigl": "", r"\Bigr": "", r"\!": "", r"\,": " ", r"\;": " ", r"\:": " ", r"\displaystyle": "", r"\limits": "",
    r"\arg": "arg ", r"\top": "ᵀ", r"\intercal": "ᵀ", r"\mathbb{1}": "𝟙", r"\odot": "⊙", r"\ldots": "…", r"\dots": "…", r"\cdots": "⋯",
}  # fmt: skip


def readable(latex: str) -> str:
    r"""One formula in Unicode: `\frac{\partial L}{\partial w_{ij}}` -> `∂L/∂wᵢⱼ`."""
    text = re.sub(r"\\(?:mathrm|operatorname\*?|mathbf|mathit|boldsymbol|bm|mathsf)\s*" + _GROUP, r"{}{\1}", latex)
    text = re.sub(r"\\(?:log|ln|exp|sin|cos|tanh|sqrt(?=\[)|min|max|argmin|argmax|sup|inf|det|lim)(?![A-Za-z])", r" {\g<0>} ", text)
    text = re.sub(r"\{\\(\w+)\} ", r"{\1} ", text)
    for command, said in _SAID.items():
        text = re.sub(re.escape(command) + (r"(?![A-Za-z])" if command[-1].isalpha() else ""), said, text)
    text = re.sub(r"'+", lambda m: "′" * len(m.group()), text)
    before = None
    while before != text:
        before = text
        text = _FRACTION.sub(lambda m: f"{{}}{_whole(m[1])}/{_whole(m[2])}", text)
    text = _INDEX.sub(_index, text)
    plain = _symbols(text)
    plain = re.sub(r"\b(log|ln|exp|sin|cos|tanh|min|max|det) +\(", r"\1(", plain)
    plain = re.sub(r"\s*([=≤≥≈≠→∝∼≫≪⇒⟺])\s*", r" \1 ", plain)
    return re.sub(r"\s+", " ", plain).strip()


def in_terminal(markdown: str) -> str:
    """A page whose formulas a terminal can show; code is left alone, and what Markdown would take for its own marks is escaped."""
    parts = _CODE.split(markdown)
    for at in range(0, len(parts), 2):
        block = _BLOCK.sub(lambda m: "\n\n> " + _escaped(readable(m[1])) + "\n\n", parts[at])
        parts[at] = _INLINE.sub(lambda m: _escaped(readable(m[1])), block)
    return "".join(parts)


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>])", r"\\\1", text)


def _whole(part: str) -> str:
    """In brackets where a quotient would be misread."""
    inner = part.strip()
    return (
        f"({inner})"
        if re.search(r"[+\-=]|\\cdot|\\times|\\frac|\\sum|\\prod|/", re.sub(r"[_^]\{[^{}]*\}|\([^()]*\)", "", inner))
        else inner
    )


def _index(match: re.Match[str]) -> str:
    inner = match[2] if match[2] is not None else match[3]
    said = _symbols(_INDEX.sub(_index, inner)).replace(" ", "")
    table = _RAISED if match[1] == "^" else _LOWERED
    if said and all(c in table for c in said):
        return "{}" + "".join(table[c] for c in said)  # the braces end the name of a command before it
    return "{}" + match[1] + (said if len(said) == 1 or said.isalnum() else f"({said})")


def _symbols(latex: str) -> str:
    try:
        return str(_converter().latex_to_text(latex))
    except ImportError:  # installed without it: the source is readable too
        return latex


@cache
def _converter():  # type: ignore[no-untyped-def]
    import logging

    from pylatexenc.latex2text import LatexNodes2Text

    logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)
    return LatexNodes2Text(math_mode="text", keep_comments=True)
