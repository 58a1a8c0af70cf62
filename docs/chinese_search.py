"""Search in Chinese without a dictionary: text and query are cut into pairs of characters by the same rule (`unstuck explain` does too)."""

from __future__ import annotations

import re
from typing import Any

from sphinx.search.zh import SearchChinese


class Pairs(SearchChinese):
    """Chinese in overlapping pairs of characters, Latin words whole."""

    language_name = "English"  # whose stemmer it ships: Sphinx 9.0 asks for a "ChineseStemmer", which does not exist, and finds nothing
    js_splitter_code = r"""
function splitQuery(query) {
  const words = query.match(/[a-zA-Z0-9_]+/g) || [];
  for (const run of query.match(/[\u4e00-\u9fff]+/g) || [])
    if (run.length === 1) words.push(run);
    else for (let at = 0; at + 1 < run.length; at++) words.push(run.slice(at, at + 2));
  return words;
}
"""

    def split(self, input: str) -> list[str]:
        latin = self.latin1_letters.findall(input)
        self.latin_terms.update(latin)
        return [run[at : at + 2] for run in re.findall(r"[\u4e00-\u9fff]+", input) for at in range(max(len(run) - 1, 1))] + latin


def setup(app: Any) -> dict[str, bool]:
    """Sphinx asks for it."""
    app.add_search_language(Pairs)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
