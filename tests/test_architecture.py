"""Import directions, public names, and what a bare import costs; held by walking the syntax trees."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import unstuck

SOURCE = Path(unstuck.__file__).parent
FILES = sorted(p for p in SOURCE.rglob("*.py"))
#: Whatever reads traces and reports must work where no torch is.
WITHOUT_TORCH = (
    "records", "errors", "language", "reading", "judgement", "store", "diagnosis", "plugins", "pages", "wording", "sentences", "arguments", "cli",
    "search", "yardstick", "intervals", "outlook", "measures", "course", "screening", "confirming", "pursuit", "scoreboard", "charts", "captions", "illustrations", "pictures", "notebook", "publishing", "config", "comparison",
    "following", "frames", "trace_log", "trace_writer", "status", "live", "sinks", "check_reading", "checkup", "weighing", "early_stop",
)  # fmt: skip
PLUGIN_FOLDERS = ("probes", "rules", "remedies", "checks")


def area(path: Path) -> str:
    """ "rules" for rules/x.py, "store" for store.py."""
    relative = path.relative_to(SOURCE)
    return relative.parts[0].removesuffix(".py")


def imports(path: Path, *, top_level: bool = False) -> set[str]:
    """Names of modules that a file imports; type checking only is left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            skipped |= set(ast.walk(node))
        if top_level and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            skipped |= set(ast.walk(node))
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            found |= {a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{a.name}" for a in node.names}
    return found


def ours(path: Path) -> set[str]:
    return {n.split(".")[1] for n in imports(path) if n.startswith("unstuck.")}


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_import_directions(path: Path) -> None:
    mine, used, everything = area(path), ours(path), imports(path)
    if mine == "records":
        assert not used
    if mine == "errors":
        assert used <= {"language"}
    if mine == "rules":
        assert used <= {"records", "plugins", "reading"}
        assert not any(n.split(".")[0] == "torch" for n in everything)
    if mine == "checks":
        assert used <= {"records", "plugins", "reading", "check_reading", "attach"}  # attach: only inside `feed`
    if mine == "renderers":
        assert not used & {"rules", "remedies", "probes", "treatment", "recorder", "attach", "arms"}
    if mine == "attach":
        assert not used & {"rules", "diagnosis", "treatment", "cli"} or path.name == "watching.py"
    if mine == "probes":
        assert not used & {"rules", "remedies", "recorder", "diagnosis", "treatment"}
    if mine not in ("cli", "__main__"):
        assert "cli" not in used
    if mine in WITHOUT_TORCH or mine in ("renderers", "rules", "checks"):
        assert not any(n.split(".")[0] == "torch" for n in imports(path, top_level=True)), "torch only inside functions"
    if mine in ("records", "rules", "renderers", "diagnosis", "judgement", "store", "reading"):
        assert not any(n.split(".")[0] == "torch" for n in everything)


def test_rules_read_traces_only() -> None:
    for path in (SOURCE / "rules").glob("*.py"):
        names = imports(path)
        forbidden = {"time", "random", "os", "pathlib", "datetime", "socket"}
        assert not {n.split(".")[0] for n in names} & forbidden, path.name
        assert "np.random" not in path.read_text(encoding="utf-8"), path.name


def test_no_name_says_nothing() -> None:
    words = {"utils", "helpers", "common", "misc", "base", "core", "manager", "handler"}
    assert not [p for p in FILES if set(p.stem.split("_")) & words]


def test_public_names_are_complete_sorted_and_documented() -> None:
    assert unstuck.__all__ == sorted(unstuck.__all__, key=lambda n: (n.islower(), n))
    for name in unstuck.__all__:
        assert getattr(unstuck, name).__doc__, name
    with pytest.raises(AttributeError):
        unstuck.nothing  # noqa: B018


@pytest.mark.parametrize(
    "statement", ["import unstuck", "import unstuck.cli", "from unstuck import plugins; plugins.rules(); plugins.remedies()"]
)
def test_no_torch_at_start_up(statement: str) -> None:
    code = f"{statement}; import sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_plugin_folder_holds_plugins_only() -> None:
    from unstuck import plugins

    for folder in PLUGIN_FOLDERS:
        files = {p.stem.replace("_", "-") for p in (SOURCE / folder).glob("*.py") if p.stem != "__init__"}
        assert set(plugins.load(folder)) == files
