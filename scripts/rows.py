"""`python scripts/rows.py seed-coverage.md`: writes `src/unstuck/handbook/rows.toml` from the tables of the coverage list (parts 4 and 7)."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

TARGET = Path(__file__).parents[1] / "src" / "unstuck" / "handbook" / "rows.toml"
#: The two pages that close the set stand in a sentence below the table.
PRACTICE = [("training-tricks", "Training tricks", "训练技巧", ["S4-63"]), ("frameworks", "Choosing a framework", "框架选择", ["S4-64"])]
#: The table of part 7 has 56 topics (its heading counts the table's head as well). This one no source document asks for, but a rule does.
OWN: list[tuple[str, str, str, list[str]]] = [("class-imbalance", "Class imbalance", "类别不平衡", [])]
NOT_CONTENT = {"S1-57"}
JUDGED = {
    "OK": "right", "IMP": "imprecise", "INC": "incomplete", "WRONG": "wrong", "CTX": "depends on the setting", "DATED": "dated",
    "EMPTY": "empty", "not content": "not content",
}  # fmt: skip


def cells(line: str) -> list[str]:
    """The cells of a table's line."""
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def named(text: str) -> list[str]:
    """Ids of rows, "S0-03..06" spelt out."""
    found: list[str] = []
    for seed, first, last in re.findall(r"(S\d)-(\d\d)(?:\.\.(\d\d))?", text):
        found += [f"{seed}-{n:02d}" for n in range(int(first), int(last or first) + 1)]
    return found


def main(source: Path) -> int:
    """Write the file; 1 where a row has no topic."""
    lines = source.read_text(encoding="utf-8").splitlines()
    part = lines[next(at for at, line in enumerate(lines) if line.startswith("## 7.")) :]
    tables = [c for c in map(cells, part) if len(c) == 4 and re.fullmatch("[a-z0-9-]*[a-z][a-z0-9-]*", c[0]) and c[0] != "slug"]
    topics = [*((*c[:3], named(c[3])) for c in tables), *OWN, *PRACTICE]
    text = ["# Written by scripts/rows.py from the coverage list; do not edit.", ""]
    for name, en, zh, _rows in topics:
        text += ["[[topic]]", f'id = "{name}"', f"en = {json.dumps(en)}", f"zh = {json.dumps(zh, ensure_ascii=False)}", ""]
    homeless = []
    for row in map(cells, lines):
        if len(row) != 6 or not re.fullmatch(r"S\d-\d\d", row[0]):
            continue
        name, line, said, kind, judged, work = row
        homes = [t[0] for t in topics if name in t[3]]
        text += ["[[row]]", f'id = "{name}"', f'line = "{line}"', f"said = {json.dumps(said, ensure_ascii=False)}", f'kind = "{kind}"']
        text += [f'judged = "{JUDGED[re.search("|".join(JUDGED), judged).group()]}"', f"topics = {json.dumps(homes)}"]
        if name in NOT_CONTENT:
            text.append("content = false")
        elif not re.search(r"X\d\d", work):
            text.append("definition = true")
        if not homes and name not in NOT_CONTENT:
            homeless.append(name)
        text.append("")
    TARGET.write_text("\n".join(text), encoding="utf-8")
    print(f"{len(topics)} topics, {text.count('[[row]]')} rows", *(f"no topic: {name}" for name in homeless), sep="\n")
    return 1 if homeless else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
