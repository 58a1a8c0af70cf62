"""Write clinic/README.md from the scores: `unstuck clinic clinic/cases --seeds 1 --format json --output scores.json`, then
`python scripts/clinic_page.py scores-tune.json scores-report.json [treated.json]` (the last one by `unstuck clinic clinic/cases --treat`)."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from unstuck import trialboard_table
from unstuck.scoreboard import table

HEAD = """# The clinic

Scripts with known causes, on which the rules are scored. `cases/<name>/train.py` is a plain script in a user's style, `fixed.py` the same with the minimal fix,
`case.toml` says what is wrong (`root_cause = "none"` for a healthy control). `rivals.py` holds ports of other tools' rules, asked on the very same traces.

```
$ unstuck clinic clinic/cases --half report --seeds 1          # one half; --format json for all numbers
```

How the halves came about: the rules were tuned on the half called `tune` (98 faulty scripts, 117 healthy ones and 98 fixed twins, written for this project, the
faults chosen so that they hurt). The half called `report` (67 faulty, 25 healthy, 67 fixed twins; names begin with `fresh-`) was written last, by somebody who saw
neither the rules nor the other half. **Measured untouched, the right cause stood first in 43 of the 54 faulty runs looked at (80 %), with an alarm on 5 of 79 healthy
or fixed runs**; then some general mistakes that it showed were mended (alarms on networks that evaluate with dropout on purpose, on accuracies of rare classes,
"label noise" where a model merely cannot express the task), so what stands below for `report` is a little better than untouched. A fixed twin is a fixed fault, not a
certified healthy run: some still overfit, and an alarm that says so is counted against us all the same.

The page is generated (`scripts/clinic_page.py`); seed 0, one run per script.
"""


def main() -> None:
    parts = [HEAD]
    for name, path in zip(("tune", "report"), sys.argv[1:3], strict=True):
        numbers = json.loads(Path(path).read_text(encoding="utf-8"))
        numbers["failed"] = [f for f in numbers["failed"] if "Expected" in f]
        parts.append(f"\n# Half: {name}\n\n{table(numbers)}")
    for path in sys.argv[3:4]:
        parts.append(f"\n# Treatments\n\n{trialboard_table.table(json.loads(Path(path).read_text(encoding='utf-8')))}")
    (Path(__file__).parents[1] / "clinic" / "README.md").write_text("".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
