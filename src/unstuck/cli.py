"""Arguments in, calls, exit code out; no logic.

click only reads the arguments: a command answers with what is to be done, and that is done after click is gone, so that nothing of it
stands around the user's script. Whatever is slow to import (torch, numpy, rich) is imported by the command that needs it.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from unstuck import __version__, arguments
from unstuck.errors import UnstuckError, UsageError
from unstuck.language import _, choose, chosen

if TYPE_CHECKING:
    from unstuck.attach.script import Program
    from unstuck.records import Report

NOTHING_FOUND, FINDINGS, WRONG_USE, INTERRUPTED = 0, 1, 2, 130

#: What `treatment.Options` takes from the command line.
TREATMENT = (
    *("trace", "budget", "seed", "no_compile", "max_steps", "select", "ignore", "preview"),
    *("metric", "remedy", "pairs", "steps", "jobs", "time_limit", "diff", "apply", "force", "no_cache", "quiet"),
)

Given = dict[str, Any]


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code of one call; `argv` as in a shell, without the program's name."""
    given = list(sys.argv[1:] if argv is None else argv) or ["--help"]
    choose(arguments.language_of(given, commands()))
    try:
        action = commands().main(given, prog_name="unstuck", standalone_mode=False)
        return action() if callable(action) else NOTHING_FOUND
    except click.ClickException as error:
        return _fail(arguments.wrong_use(error, commands()))
    except UnstuckError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        print(f"unstuck: {_('interrupted.')}", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader has seen enough (`unstuck rules | head`)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return NOTHING_FOUND


def commands() -> click.Group:
    """All commands, in the chosen language."""
    program = click.Argument(["program"], nargs=-1, type=click.UNPROCESSED, metavar="SCRIPT [ARGS]...")
    words = click.Argument(["words"], nargs=-1, required=True, metavar=_("ID|WORDS..."))
    trace = click.Argument(["trace"], metavar="TRACE")
    report, watching, trials, listing = arguments.report, arguments.watching, arguments.trials, arguments.listing
    table: list[tuple[str, str, Sequence[click.Parameter], Callable[[Given], int], type[click.Command]]] = [
        ("run", _("Run a script, watch it, say what is wrong."), [program, *watching(), *report()], run, arguments.ScriptCommand),
        (
            "treat",
            _("Watch it, then try remedies in paired trials."),
            [program, *watching(), *trials(), *report()],
            treat,
            arguments.ScriptCommand,
        ),
        ("diagnose", _("Diagnose a kept trace again."), [trace, *report()], diagnose, arguments.Command),
        ("explain", _("Show the page of a rule or remedy."), [words, *listing()], explain, arguments.Command),
        ("rules", _("List what may be wrong."), listing(), rules, arguments.Command),
        ("remedies", _("List what may help."), listing(), remedies, arguments.Command),
        ("clinic", _("Score the rules on scripts with known causes."), arguments.clinic(), clinic, arguments.Command),
    ]
    about = _("Finds out why a PyTorch network won't train, and proves what fixes it.")
    version = click.Option(["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_version, help=_("Show the version."))
    group = arguments.Group("unstuck", help=about, params=[arguments.language(), version], options_metavar=_("[OPTIONS]"))
    group.subcommand_metavar = _("COMMAND [ARGS]...")
    for name, help, params, action, kind in table:
        group.add_command(kind(name, help=help, params=[*params], callback=_later(action), options_metavar=_("[OPTIONS]")))
    return group


def _later(action: Callable[[Given], int]) -> Callable[..., Callable[[], int]]:
    return lambda **given: partial(action, given)


# --------------------------------------------------------------------------------------------------------- commands


def run(given: Given) -> int:
    """`unstuck run`."""
    _check(given)
    program, out = _program(given), sys.stdout
    from unstuck.attach.script import default_trace, run_script

    trace = given["trace"] or default_trace(program)
    try:
        outcome = run_script(
            program,
            trace=trace,
            budget=given["budget"],
            seed=given["seed"],
            keep_compile=not given["no_compile"],
            max_steps=given["max_steps"],
            stdout_to_stderr=given["output"] is None and _form(given) != "text",
        )
    except KeyboardInterrupt:
        _publish(_diagnosis(trace, given), given, out)
        raise
    code = _publish(_diagnosis(outcome.trace, given), given, out)
    return WRONG_USE if outcome.failed else code


def treat(given: Given) -> int:
    """`unstuck treat`."""
    _check(given)
    program, out = _program(given), sys.stdout
    from unstuck.records import Report
    from unstuck.treatment import Options
    from unstuck.treatment import treat as treated

    try:
        report = treated(program, options=Options(**{name: given[name] for name in TREATMENT}))
    except KeyboardInterrupt as stop:  # an interrupted treatment hands over what it knows
        for known in stop.args:
            if isinstance(known, Report):
                _publish(known, given, out)
        raise
    return _publish(report, given, out)


def diagnose(given: Given) -> int:
    """`unstuck diagnose`."""
    _check(given)
    return _publish(_diagnosis(Path(given["trace"]), given), given, sys.stdout)


def explain(given: Given) -> int:
    """`unstuck explain`."""
    from unstuck import pages

    found = pages.find(" ".join(given["words"]))
    if given["format"] == "json":
        return _say(json.dumps([pages.plain(entry, page=True) for entry in found], ensure_ascii=False, indent=2) + "\n", sys.stdout)
    return _say(pages.text(found, chosen(), **_terminal(sys.stdout)), sys.stdout)


def rules(given: Given) -> int:
    """`unstuck rules`."""
    return _list("rules", given)


def remedies(given: Given) -> int:
    """`unstuck remedies`."""
    return _list("remedies", given)


def clinic(given: Given) -> int:
    """`unstuck clinic`."""
    from unstuck import scoreboard

    folder = Path(given["folder"])
    found = scoreboard.cases(folder, given["half"])
    seen = scoreboard.look(found, range(given["seeds"]), jobs=given["jobs"], rivals=scoreboard.rivals_beside(folder), quiet=given["quiet"])
    numbers = scoreboard.scores(seen)
    text = json.dumps(numbers, ensure_ascii=False, indent=2) + "\n" if given["format"] == "json" else scoreboard.table(numbers)
    if given["output"] is not None:
        given["output"].write_text(text, encoding="utf-8")
        return NOTHING_FOUND
    return _say(text, sys.stdout)


# ------------------------------------------------------------------------------------------------ arguments to calls


def _list(kind: str, given: Given) -> int:
    from unstuck import pages

    if given["format"] == "json":
        return _say(json.dumps([pages.plain(entry) for entry in pages.entries(kind)], ensure_ascii=False, indent=2) + "\n", sys.stdout)
    return _say(pages.listing(kind, chosen(), **_terminal(sys.stdout)), sys.stdout)


def _program(given: Given) -> Program:
    module, words = given["module"], given["program"]
    if module is None and not words:
        raise UsageError(_("Expected a script or -m MODULE, got neither. For example: {example}").format(example="unstuck run train.py"))
    from unstuck.attach.script import Program

    program = Program(words[0], None, tuple(words[1:])) if module is None else Program(None, module, tuple(words))
    program.check()
    return program


def _check(given: Given) -> None:
    """What can be wrong is said before the script runs, not after it."""
    from unstuck import plugins

    for name in (*given["select"], *given["ignore"]):
        plugins.get("rules", name)
    for name in given.get("remedy", ()):
        for single in name.split("+"):
            plugins.get("remedies", single)
    if any(given.get(name) for name in ("diff", "apply", "force")) and find_spec("unstuck.patch") is None:
        raise UsageError(
            _("--diff, --apply and --force need unstuck.patch, which this version does not have. The report names the change.")
        )
    output: Path | None = given["output"]
    if output is not None and (output.is_dir() or not os.access(output.resolve().parent, os.W_OK)):
        said = _("Expected a file that can be written after --output, got {path!r}. Does its folder exist, and may you write there?")
        raise UsageError(said.format(path=str(output)))


def _diagnosis(trace: Path, given: Given) -> Report:
    from unstuck.diagnosis import diagnose as diagnosed
    from unstuck.store import load

    report: Report = diagnosed(load(trace), select=given["select"], ignore=given["ignore"], preview=given["preview"])
    return report


# ------------------------------------------------------------------------------------------------- report to exit code


def _publish(report: Report, given: Given, out: TextIO) -> int:
    """Write the report where it is wanted; the exit code that it means."""
    form, output = _form(given), given["output"]
    look = {**_terminal(out), "verbose": given["verbose"]} if form == "text" else {}
    if output is not None:
        look = {"verbose": given["verbose"]} if form == "text" else {}
    rendered = import_module(f"unstuck.renderers.as_{form}").render(report, chosen(), **look)
    if output is not None:
        output.write_text(rendered, encoding="utf-8")
    elif form != "text" or report.findings or report.verdicts or not given["quiet"]:
        _say(rendered, out)
    if report.facts.exit == "failed":
        return WRONG_USE
    if not report.facts.steps:
        said = _(
            "No optimizer step was seen in {script}: expected a training with an optimizer of torch.optim. Does it train in this process?"
        )
        return _fail(said.format(script=report.facts.script or "-"))
    return FINDINGS if report.alarms and not given["exit_zero"] else NOTHING_FOUND


def _form(given: Given) -> str:
    return arguments.form(given["format"], given["output"])


def _terminal(stream: TextIO) -> dict[str, Any]:
    tty = stream.isatty()
    return {"width": shutil.get_terminal_size().columns if tty else 100, "color": tty and not os.environ.get("NO_COLOR")}


def _say(text: str, out: TextIO) -> int:
    code = getattr(out, "encoding", None) or "utf-8"
    out.write(text.encode(code, "replace").decode(code))
    out.flush()
    return NOTHING_FOUND


def _fail(message: str) -> int:
    print(f"unstuck: {message}", file=sys.stderr)
    return WRONG_USE


def _version(context: click.Context, _option: click.Parameter, asked: bool) -> None:
    if asked:
        click.echo(f"unstuck {__version__}")
        context.exit()
