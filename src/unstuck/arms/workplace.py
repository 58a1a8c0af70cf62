"""The folder that an arm works in: it looks like the user's own, and what the script writes stays in it.

The user's folder is mirrored: real folders, with links to the files. A link is exchanged for a copy just before the script opens the file
for writing (an audit hook sees every `open`; `torch.save` writes from C++ and is wrapped), so the user's own file is never written through
it. Not covered, and reported instead: absolute paths that lead elsewhere, and other C++ writers that overwrite an existing file in place.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

#: Files and folders mirrored one by one, nearest first; folders beyond it are linked as a whole (a data set of 60 000 images).
MIRRORED = 1000
#: Files that may be copied when a script writes to them; beyond it the write is left alone (and reported).
COPIED_BYTES = 2_000_000_000
#: Services that would upload, and windows that would wait for somebody.
QUIET = {"WANDB_MODE": "disabled", "MPLBACKEND": "Agg", "COMET_MODE": "disabled", "NEPTUNE_MODE": "debug", "CLEARML_OFFLINE_MODE": "1"}


def mirror(origin: Path, work: Path, *, limit: int = MIRRORED) -> None:
    """Make `work` look like `origin`."""
    work.mkdir(parents=True, exist_ok=True)
    waiting, made = deque([(origin, work)]), 0
    while waiting:
        source, target = waiting.popleft()
        try:
            entries = sorted(os.scandir(source), key=lambda e: e.name)
        except OSError:
            continue
        for entry in entries:
            if entry.name in (".unstuck", "__pycache__"):
                continue
            made += 1
            own = target / entry.name
            if entry.is_dir() and not entry.is_symlink() and not entry.name.startswith(".") and made < limit:
                own.mkdir(exist_ok=True)
                waiting.append((Path(entry.path), own))
            elif not own.exists():
                own.symlink_to(os.path.abspath(entry.path))


def lay(origin: Path, work: Path, path: Path, content: bytes) -> None:
    """Give a mirrored file another content; links to folders on the way to it become folders of links."""
    target = work
    for part in path.relative_to(origin).parts[:-1]:
        target /= part
        if target.is_symlink():
            source = target.resolve()
            target.unlink()
            mirror(source, target, limit=0)
        target.mkdir(exist_ok=True)
    target /= path.name
    target.unlink(missing_ok=True)
    target.write_bytes(content)


class Workplace:
    """Enter once, in the arm's own process; it is not left again. `overlay`: files (full paths) with another content."""

    def __init__(self, origin: Path, work: Path, overlay: Mapping[str, bytes] | None = None) -> None:
        self.origin = origin
        self.work = work.resolve()
        self.overlay = overlay or {}
        #: Files outside that the script opened for writing, in order, at most 20.
        self.outside: dict[str, None] = {}
        self._busy = False

    def enter(self) -> None:
        """Mirror, change into it, and watch what is written."""
        mirror(self.origin, self.work)
        for path, content in self.overlay.items():
            if Path(path).is_relative_to(self.origin.resolve()):
                lay(self.origin.resolve(), self.work, Path(path), content)
            else:
                mirror(Path(path).parent, self._beside(path))
                lay(Path(path).parent, self._beside(path), Path(path), content)
        os.chdir(self.work)
        os.environ.update(QUIET)
        os.environ["PWD"] = str(self.work)
        self._wrap_torch_save()
        sys.addaudithook(self._audit)

    def inside(self, path: str) -> str:
        """The same path in this folder, relative where the original lies in the mirrored one; unchanged otherwise."""
        full = Path(os.path.abspath(self.origin / path))
        if str(full.resolve()) in self.overlay and not full.resolve().is_relative_to(self.origin.resolve()):
            return str(self._beside(str(full.resolve())) / full.resolve().name)
        return str(full.relative_to(self.origin)) if full.is_relative_to(self.origin) else str(full)

    def _beside(self, path: str) -> Path:
        """A mirror of the folder of a script that lies elsewhere."""
        return self.work / ".unstuck" / Path(path).parent.name

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event != "open" or self._busy or not isinstance(arguments[0], (str, bytes, os.PathLike)):
            return
        mode, flags = arguments[1], arguments[2] if len(arguments) > 2 else 0
        writes = any(c in mode for c in "wax+") if isinstance(mode, str) else bool((flags or 0) & (os.O_WRONLY | os.O_RDWR))
        if writes:
            self._before_write(os.fsdecode(arguments[0]))

    def _before_write(self, path: str) -> None:
        """Exchange a link to the user's file for a copy."""
        self._busy = True
        try:
            full = os.path.abspath(path)
            if os.path.islink(full) and full.startswith(f"{self.work}{os.sep}"):
                target = os.path.realpath(full)
                if os.path.isfile(target) and os.path.getsize(target) <= COPIED_BYTES:
                    os.unlink(full)
                    shutil.copy2(target, full)
            self._note(os.path.realpath(full))
        except OSError:
            pass  # the script's own open will say what is wrong
        finally:
            self._busy = False

    def _note(self, full: str) -> None:
        ours = (str(self.work.parent), "/dev/", "/proc/", "/tmp/torch", "/tmp/pymp")
        if not full.startswith(ours) and "__pycache__" not in full and len(self.outside) < 20:
            self.outside[full] = None

    def _wrap_torch_save(self) -> None:
        import torch

        original: Callable[..., Any] = torch.save

        def save(obj: Any, f: Any, *args: Any, **kwargs: Any) -> Any:
            if isinstance(f, (str, os.PathLike)):
                self._before_write(os.fspath(f))
            return original(obj, f, *args, **kwargs)

        torch.save = save
        torch.serialization.save = save
