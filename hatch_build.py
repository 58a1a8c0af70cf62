"""Compiles `src/unstuck/attach/passes.c` where there is a C compiler; without one unstuck installs and works all the same.

UNSTUCK_PURE=1 leaves it out, for a wheel that runs anywhere.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCE, LIBRARY = "src/unstuck/attach/passes.c", "src/unstuck/attach/_passes.so"
FLAGS = ("-O3", "-shared", "-fPIC", "-ffp-contract=off")  # products and sums rounded one by one, on every machine alike


class Compile(BuildHookInterface):  # type: ignore[type-arg]
    """The library goes into the wheel, or for an editable install beside its source."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        library = Path(self.root) / LIBRARY
        if self.target_name != "wheel":
            return
        library.unlink(missing_ok=True)
        if os.environ.get("UNSTUCK_PURE") or not compiled(Path(self.root) / SOURCE, library):
            return
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["pure_python"], build_data["tag"] = False, f"py3-none-{platform}"
        build_data["artifacts"].append(LIBRARY)


def compiled(source: Path, library: Path) -> bool:
    """Was it compiled? `$CC`, or `cc`."""
    command = [*shlex.split(os.environ.get("CC", "cc")), *FLAGS, "-o", str(library), str(source), "-lm"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"unstuck: {source.name} is not compiled ({error})", file=sys.stderr)
        return False
    if done.returncode:
        print(f"unstuck: {source.name} is not compiled\n{done.stderr}", file=sys.stderr)
    return not done.returncode
