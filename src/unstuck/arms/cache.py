"""Results of arms by their content, so that an interrupted treatment goes on where it was."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import msgspec

from unstuck.arms.arm import Arm
from unstuck.arms.results import ArmResult


class Cache:
    """A folder per arm, named by its content key; `result.json` is written last and in one move."""

    def __init__(self, folder: Path, *, read: bool = True) -> None:
        self.folder = writable(folder)
        self.read = read

    def folder_of(self, arm: Arm) -> Path:
        """Where the arm works and leaves its files."""
        key = arm.content_key()
        return self.folder / key[:2] / key[2:18]

    def get(self, arm: Arm) -> ArmResult | None:
        """The result of an equal arm; None where there is none that can be read."""
        path = self.folder_of(arm) / "result.json"
        if not self.read or not path.is_file():
            return None
        try:
            result = msgspec.json.decode(path.read_bytes(), type=ArmResult)
        except (OSError, msgspec.MsgspecError):
            return None
        return result if result.key == arm.content_key() and (not result.trace or Path(result.trace).is_file()) else None

    def put(self, arm: Arm, result: ArmResult) -> None:
        """Keep a result; one of an arm that was killed from outside says nothing about the arm."""
        if result.exit == "killed":
            return
        path = self.folder_of(arm) / "result.json"
        path.with_suffix(".tmp").write_bytes(msgspec.json.encode(result))
        os.replace(path.with_suffix(".tmp"), path)

    def clear(self, arm: Arm) -> Path:
        """An empty folder for the arm."""
        folder = self.folder_of(arm)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def writable(folder: Path) -> Path:
    """The folder, made; a temporary one where it cannot be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder.resolve()
    except OSError:
        return Path(tempfile.mkdtemp(prefix="unstuck-"))
