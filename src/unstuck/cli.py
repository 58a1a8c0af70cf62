"""Arguments in, calls, exit code out; no logic.

click only reads the arguments: a command answers with what is to be done, and that is done after click is gone, so that nothing of it
stands around the user's script. Whatever is slow to import (torch, numpy, rich) is imported by the command that needs it.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from unstuck import __version__, arguments
from unstuck.errors import UnstuckError, UsageError
from unstuck.language import _, choose, chosen
from unstuck.publishing import FINDINGS, NOTHING_FOUND, WRONG_USE
from unstuck.publishing import fail as _fail
from unstuck.publishing import form_of as _form
from unstuck.publishing import publish as _publish
from unstuck.publishing import say as _say
from unstuck.publishing import terminal as _terminal

if TYPE_CHECKING:
    from unstuck.attach.script import Program
    from unstuck.lab import Result
    from unstuck.records import Report, Trace
    from unstuck.scoreboard import Case

INTERRUPTED = 130

#: What `options.Options` takes from the command line.
TREATMENT = (
    *("trace", "budget", "seed", "no_compile", "max_steps", "select", "ignore", "preview"),
    *("metric", "remedy", "pairs", "steps", "jobs", "time_limit", "thorough", "diff", "apply", "force", "no_cache", "quiet"),
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
        (
            "run",
            _("Run a script, watch it, say what is wrong."),
            [program, *watching(), *arguments.following(), *report()],
            run,
            arguments.ScriptCommand,
        ),
        (
            "treat",
            _("Watch it, then try remedies in paired trials."),
            [program, *watching(), *trials(), *report()],
            treat,
            arguments.ScriptCommand,
        ),
        ("diagnose", _("Diagnose a kept trace again."), [trace, *report()], diagnose, arguments.Command),
        ("report", _("Draw a kept trace as a page."), [trace, *report()], draw, arguments.Command),
        ("live", _("Follow a run in the browser."), arguments.live(), live, arguments.Command),
        ("compare", _("Say where two traces part."), arguments.comparing(), compare, arguments.Command),
        ("export", _("Hand a trace to a tracker."), arguments.exporting(), export, arguments.Command),
        ("explain", _("Show the page of a topic, rule or remedy."), [words, *listing()], explain, arguments.Command),
        ("lab", _("Run the experiments of the handbook."), arguments.lab(), lab, arguments.Command),
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
    from unstuck.attach.script import default_trace, mine_of, run_script
    from unstuck.following import following

    trace = mine_of(given["trace"]) if given["trace"] else default_trace(program)
    home, environment = os.getcwd(), dict(os.environ)  # the script may change both
    watchman = None
    if given["stop_early"]:
        from unstuck.early_stop import watchman as appointed

        watchman = appointed(given)
    try:
        with following(trace, live=given["live"], quiet=given["quiet"]):
            outcome = run_script(
                program,
                trace=trace,
                budget=given["budget"],
                seed=given["seed"],
                keep_compile=not given["no_compile"],
                max_steps=given["max_steps"],
                stdout_to_stderr=given["output"] is None and _form(given) != "text",
                certain=watchman,
            )
    except KeyboardInterrupt:
        _judge(trace, given, out)
        raise
    if os.environ.get("RANK", "0") != "0":  # every rank keeps its trace, the first one reports
        return WRONG_USE if outcome.failed else NOTHING_FOUND
    if given["checkup"] and not outcome.failed and outcome.steps:
        code = _publish_checked(program, outcome.trace, given, out, home, environment)
    else:
        code = _judge(outcome.trace, given, out)
    return WRONG_USE if outcome.failed else code


def _publish_checked(program: Program, path: Path, given: Given, out: TextIO, home: str, environment: dict[str, str]) -> int:
    """`--checkup`: the run's report, weighed against short arms of the script."""
    from unstuck.checkup import Request, examine_apart
    from unstuck.weighing import weighed

    trace = _loaded(path)
    report = _diagnosis(trace, given)
    if trace.facts.stopped_by:  # nothing is left to be settled
        return _publish(report, given, out, trace)
    folder = Path(home) / ".unstuck" / "arms"
    request = Request(
        str(path.resolve()), str(folder), home, program.path, program.module, program.args, quiet=given["quiet"], lang=chosen()
    )
    try:
        report = weighed(report, examine_apart(request, environment))
    except KeyboardInterrupt:
        _publish(report, given, out, trace)
        raise
    return _publish(report, given, out, trace)


def treat(given: Given) -> int:
    """`unstuck treat`."""
    _check(given)
    program, out = _program(given), sys.stdout
    from unstuck.options import Options
    from unstuck.records import Report
    from unstuck.treatment import treat as treated

    drawn = _form(given) in arguments.DRAWN
    if drawn and given["trace"] is None:
        from unstuck.attach.script import default_trace

        given["trace"] = default_trace(program)
    options = {name: given[name] for name in TREATMENT}
    options |= {"select": given["select"] or given["config"].select, "ignore": (*given["ignore"], *given["config"].ignore)}
    try:
        report = treated(program, options=Options(**options))
    except KeyboardInterrupt as stop:  # an interrupted treatment hands over what it knows
        for known in stop.args:
            if isinstance(known, Report):
                _publish(_decided(known, given, asked=False), given, out, _loaded(given["trace"]) if drawn else None)
        raise
    return _publish(_decided(report, given, asked=False), given, out, _loaded(given["trace"]) if drawn else None)


def diagnose(given: Given) -> int:
    """`unstuck diagnose`."""
    _check(given)
    return _judge(Path(given["trace"]), given, sys.stdout)


def draw(given: Given) -> int:
    """`unstuck report`."""
    if given["output"] is None and given["format"] is None:
        given["output"] = Path(given["trace"]).with_suffix(".html")
        print(given["output"], file=sys.stderr)
    return diagnose({**given, "exit_zero": True})


def live(given: Given) -> int:
    """`unstuck live`."""
    from unstuck.live import serve

    names = ("port", "until_closed", "since", "select", "preview")
    return serve(Path(given["trace"]), lang=chosen(), **{name: given[name] for name in names})


def compare(given: Given) -> int:
    """`unstuck compare`."""
    from unstuck import comparison

    a, b = Path(given["first"]), Path(given["second"])
    names = comparison.names_of(a, b)
    found = comparison.compare(_loaded(a), _loaded(b), names=names, tolerance=given["tolerance"])
    json_form = json.dumps(comparison.plain(found), ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    _say(json_form if given["format"] == "json" else comparison.text(found, width=_terminal(sys.stdout)["width"]), sys.stdout)
    return FINDINGS if found.partings or found.facts else NOTHING_FOUND


def export(given: Given) -> int:
    """`unstuck export`."""
    from unstuck.sinks import write

    given |= {"select": (), "ignore": (), "preview": False, "write_baseline": False, "output": None}
    _check(given)
    trace = _loaded(Path(given["trace"]))
    return _say(write(given["to"], trace, _diagnosis(trace, given), given["folder"]) + "\n", sys.stdout)


def explain(given: Given) -> int:
    """`unstuck explain`."""
    from unstuck import pages

    found = pages.find(" ".join(given["words"]))
    if given["format"] == "json":
        return _say(json.dumps([pages.plain(entry, page=True) for entry in found], ensure_ascii=False, indent=2) + "\n", sys.stdout)
    return _say(pages.text(found, chosen(), **_terminal(sys.stdout)), sys.stdout)


def lab(given: Given) -> int:
    """`unstuck lab`."""
    from unstuck import lab_table, topics

    words = [word for word in given["topics"] if "=" not in word[1:]]
    known = topics.topics()
    if given["coverage"]:
        return _say(lab_table.coverage_as(given["format"]), sys.stdout)
    if not words and not given["all"]:
        return _say(lab_table.topics_as(given["format"], list(known.values()), chosen()), sys.stdout)
    from unstuck.lab import Claim, run
    from unstuck.progress import Progress

    knobs = dict([*given["set"], *(arguments.knob(word) for word in given["topics"] if "=" in word[1:])])
    claims = topics.chosen([*known] if given["all"] else words)
    with Progress(quiet=given["quiet"]) as progress:
        progress.stage(_("{n} claims").format(n=len(claims)), len(claims))

        def tick(claim: Claim, result: Result | None) -> None:
            progress.stage(f"{claim.topic}/{claim.id}", 0) if result is None else progress.arm_done()

        results = run(claims, seeds=given["seeds"], knobs=knobs, quick=given["quick"], keep=not given["no_cache"], tick=tick)
    _draw(results, given)
    _say(lab_table.results_as(given["format"], results, chosen(), **_terminal(sys.stdout)), sys.stdout)
    return WRONG_USE if any(result.error for result in results) else NOTHING_FOUND


def _draw(results: list[Result], given: Given) -> None:
    """`--plot` and `--show`."""
    if given["plot"] is None and not given["show"]:
        return
    if find_spec("matplotlib") is None:
        raise UsageError(_("Plots need matplotlib: pip install 'unstuck[plot]'."))
    from unstuck import drawing

    lang = drawing.language(chosen())
    if lang != chosen():
        said = _("No font with Chinese characters is installed (for example: apt install fonts-noto-cjk); labels are in English.")
        print(f"unstuck: {said}", file=sys.stderr)
    if given["plot"] is not None:
        for path in drawing.save(results, given["plot"], lang):
            print(path, file=sys.stderr)
    if given["show"]:
        drawing.show(results, lang)


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
    if given["treat"]:
        return _clinic_treated(found, given)
    if given["cases"] is not None:
        found = [c for c in found if fnmatch(c.id, given["cases"])]
    seen = scoreboard.look(found, range(given["seeds"]), jobs=given["jobs"], rivals=scoreboard.rivals_beside(folder), quiet=given["quiet"])
    numbers = scoreboard.scores(seen)
    text = json.dumps(numbers, ensure_ascii=False, indent=2) + "\n" if given["format"] == "json" else scoreboard.table(numbers)
    if given["output"] is not None:
        given["output"].write_text(text, encoding="utf-8")
        return NOTHING_FOUND
    return _say(text, sys.stdout)


def _clinic_treated(found: Sequence[Case], given: Given) -> int:
    """`unstuck clinic --treat`."""
    from unstuck import trialboard, trialboard_table

    chosen_cases = trialboard.chosen(found, given["cases"])
    code = NOTHING_FOUND
    try:
        rows = trialboard.look(
            chosen_cases, seeds=given["seeds"], random=given["against"] == "random", jobs=given["jobs"], quiet=given["quiet"]
        )
    except KeyboardInterrupt as stop:  # what there is so far; the same command goes on from there
        rows, code = (stop.args or ([],))[0], INTERRUPTED
    numbers = trialboard_table.scores(rows)
    text = json.dumps(numbers, ensure_ascii=False, indent=2) + "\n" if given["format"] == "json" else trialboard_table.table(numbers)
    if given["output"] is not None:
        given["output"].write_text(text, encoding="utf-8")
        return code
    return _say(text, sys.stdout) or code


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
    from unstuck import config, plugins

    given["config"] = config.load()
    for name in (*given["select"], *given["ignore"]):
        plugins.get("rules", name)
    for name in given.get("remedy", ()):
        for single in name.split("+"):
            plugins.get("remedies", single)
    output: Path | None = given["output"]
    if output is not None and (output.is_dir() or not os.access(output.resolve().parent, os.W_OK)):
        said = _("Expected a file that can be written after --output, got {path!r}. Does its folder exist, and may you write there?")
        raise UsageError(said.format(path=str(output)))


def _judge(path: Path, given: Given, out: TextIO) -> int:
    """Diagnose a trace and publish what is found."""
    trace = _loaded(path)
    return _publish(_diagnosis(trace, given), given, out, trace)


def _loaded(path: Path) -> Trace:
    from unstuck.store import load

    trace: Trace = load(path)
    return trace


def _diagnosis(trace: Trace, given: Given) -> Report:
    from unstuck.diagnosis import diagnose as diagnosed

    select = given["select"] or given["config"].select
    report: Report = diagnosed(trace, select=select, ignore=given["ignore"], preview=given["preview"])
    return _decided(report, given)


def _decided(report: Report, given: Given, *, asked: bool = True) -> Report:
    """What the project has decided, applied; `--write-baseline` writes down what is left."""
    from unstuck import config

    settings: config.Config = given["config"]
    file: Path | None = given["baseline"] or settings.baseline
    if given["write_baseline"]:
        report = replace(settings, baseline=None).applied(report, asked=asked)
        config.write_baseline(file or config.BASELINE, report)
        given["exit_zero"] = True
        return report
    return replace(settings, baseline=file).applied(report, asked=asked)


def _version(context: click.Context, _option: click.Parameter, asked: bool) -> None:
    if asked:
        click.echo(f"unstuck {__version__}")
        context.exit()
