"""What running an experiment's repeats in one vectorised program saves: `python benchmarks/vectorised.py [--pairs 5] [--quick]`.

Every claim of the handbook that overrides `Claim.measure_all` runs twice in one process, in alternating order: its repeats one by one (`measure` for
each seed, as `Claim.measure_all` does) and all of them at once. The ratio is that of the CPU times; medians with quartiles over the pairs. The last
column is the largest difference between the numbers that the two ways measured, relative to their size.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from time import process_time

import numpy as np
import torch

from unstuck.lab import Claim, Measured
from unstuck.topics import topics


def main() -> None:
    """Print one row of a Markdown table per claim."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="the claims' smoke versions, with their full number of repeats")
    given = parser.parse_args()
    torch.set_num_threads(1)
    print("| claim | repeats | one by one, s | in one program, s | ratio | numbers differ by |\n|---|---|---|---|---|---|")
    for topic in topics().values():
        for kind in topic.claims():
            if kind.measure_all is not Claim.measure_all and kind.seeds > 1:
                claim = kind(**kind.quick) if given.quick else kind()
                print(row(claim, given.pairs), flush=True)


def row(claim: Claim, pairs: int) -> str:
    """Its line of the table."""
    seeds = range(type(claim).seeds)
    ways: list[Callable[[], Measured]] = [lambda: Claim.measure_all(claim, seeds), lambda: claim.measure_all(seeds)]
    spent: list[list[float]] = [[], []]
    numbers: list[Measured] = [{}, {}]
    for pair in range(pairs):
        for which in (0, 1) if pair % 2 else (1, 0):
            for shared in vars(sys.modules[type(claim).__module__]).values():
                getattr(shared, "cache_clear", lambda: None)()  # what claims of one topic share is measured anew
            started = process_time()
            numbers[which] = ways[which]()
            spent[which].append(process_time() - started)
    ratios = np.array(spent[0]) / np.array(spent[1])
    low, middle, high = np.percentile(ratios, [25, 50, 75])
    apart = max(float(np.abs(numbers[0][n] - numbers[1][n]).max() / max(np.abs(numbers[0][n]).max(), 1e-12)) for n in numbers[0])
    one, all_ = (float(np.median(times)) for times in spent)
    return f"| {claim.topic}/{claim.id} | {len(seeds)} | {one:.2f} | {all_:.2f} | {middle:.1f} [{low:.1f}-{high:.1f}] | {apart:.1g} |"


if __name__ == "__main__":
    main()
