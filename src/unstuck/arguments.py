"""What may be written after `unstuck`: options, their values, and one sentence for each way of getting them wrong.

Everything that a person reads is translated when it is built, so the language is chosen first (`language_of`, then `commands` of `cli.py`).
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unstuck.language import LANGUAGES, _, preferred

#: One file, one format.
FORMATS = sorted(m.name.removeprefix("as_") for m in pkgutil.iter_modules([str(Path(__file__).parent / "renderers")]))
_BY_SUFFIX = {".json": "json", ".jsonl": "jsonl", ".md": "markdown", ".html": "html", ".sarif": "sarif", ".xml": "junit"}
#: Formats that draw the trace too.
DRAWN = ("html",)

# ----------------------------------------------------------------------------------------------------------- values


if TYPE_CHECKING:
    _ParamType = click.ParamType[Any]
else:
    _ParamType = click.ParamType  # not generic before click 8.3


class Value(_ParamType):
    """A value that `read` makes of the text; what it must look like is said where it does not."""

    def __init__(self, name: str, read: Callable[[str], Any], expected: str) -> None:
        self.name = name
        self.read = read
        self.expected = expected

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value read; BadParameter with what was expected and what came."""
        if not isinstance(value, str):
            return value
        try:
            return self.read(value)
        except ValueError:
            self.fail(_("expected {expected}, got {value!r}.").format(expected=self.expected, value=value), param, ctx)


def budget(text: str) -> float | None:
    """A share of the training's time, 0..1; None = measure every step."""
    if text == "full":
        return None
    share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    if not 0 < share <= 1:
        raise ValueError(text)
    return share


def _ids(text: str) -> tuple[str, ...]:
    return tuple(name for part in text.split(",") if (name := "".join(part.split()).lower().replace("_", "-")))


def _flat(_context: click.Context, _option: click.Parameter, groups: Sequence[Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for group in groups for name in group))


def _whole(least: int) -> Value:
    def read(text: str) -> int:
        if int(text) < least:
            raise ValueError(text)
        return int(text)

    return Value("whole", read, _("a whole number of at least {least}").format(least=least))


def _seconds() -> Value:
    def read(text: str) -> float:
        if not 0 < float(text) < float("inf"):
            raise ValueError(text)
        return float(text)

    return Value("seconds", read, _("a number of seconds above 0"))


def _one_of(choices: Sequence[str]) -> Value:
    def read(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError(text)
        return text.lower()

    return Value("choice", read, _("one of {choices}").format(choices=", ".join(choices)))


# ---------------------------------------------------------------------------------------------------------- options


def _option(name: str, help: str, *, type: Value | None = None, metavar: str = "", **more: Any) -> click.Option:
    if type is None:
        return click.Option([name], is_flag=True, help=help, **more)
    return click.Option([name], type=type, metavar=metavar, help=help, **more)


def language() -> click.Option:
    """`--lang`, read by `language_of` before anything else."""
    return _option("--lang", _("Language of everything said."), type=_one_of(LANGUAGES), metavar="en|zh")


def listing() -> list[click.Option]:
    """Options of the commands that look something up."""
    return [_option("--format", _("Form of the answer."), type=_one_of(("text", "json")), metavar="text|json", default="text"), language()]


def report() -> list[click.Option]:
    """Options of the commands that end in a report."""
    ids = Value("ids", _ids, _("ids separated by commas"))
    path = Value("file", Path, _("a file"))
    several: dict[str, Any] = {"type": ids, "metavar": "ID", "multiple": True, "callback": _flat}
    return [
        _option("--format", _("Form of the report."), type=_one_of(FORMATS), metavar="|".join(FORMATS)),
        _option("--output", _("Write the report to this file."), type=path, metavar="FILE"),
        _option("--select", _("Only these rules; repeatable."), **several),
        _option("--ignore", _("All but these rules; repeatable."), **several),
        _option("--preview", _("Rules in preview too; never counted.")),
        _option("--baseline", _("Findings known from this file are not shown."), type=path, metavar="FILE"),
        _option("--write-baseline", _("Write what is found now into that file.")),
        _option("--exit-zero", _("Exit with 0 even if there are findings.")),
        _option("--quiet", _("Say nothing where nothing was found.")),
        _option("--verbose", _("List what was looked for.")),
        language(),
    ]


def watching() -> list[click.Option]:
    """Options of the commands that run a script."""
    path = Value("file", Path, _("a file"))
    share = Value("share", budget, _("a share of the time such as 2% or 0.02, or full"))
    return [
        click.Option(["-m", "module"], metavar="MODULE", help=_("Run a module, as python -m does.")),
        _option("--trace", _("Keep the trace in this file."), type=path, metavar="FILE"),
        _option("--budget", _("Time that watching may take (2%)."), type=share, metavar="2%|0.02|full", default="2%"),
        _option("--seed", _("Seed the random numbers."), type=_whole(0), metavar="N"),
        _option("--no-compile", _("Turn torch.compile off to see inside.")),
        _option("--max-steps", _("End after N optimizer steps."), type=_whole(1), metavar="N"),
    ]


def following() -> list[click.Option]:
    """Options of `run` alone."""
    return [
        _option("--live", _("Open a page that follows the run.")),
        _option("--stop-early", _("End the run once a fault is certain.")),
        _option("--checkup", _("Then ask it in short arms what cannot be seen.")),
    ]


def comparing() -> list[click.Parameter]:
    """The two traces and the options of `compare`."""
    share = Value("tolerance", float, _("a number such as 1e-5"))
    return [
        click.Argument(["first"], metavar="TRACE"),
        click.Argument(["second"], metavar="TRACE"),
        _option("--tolerance", _("Relative difference that counts as none (1e-5)."), type=share, metavar="SHARE", default="1e-5"),
        *listing(),
    ]


def live() -> list[click.Parameter]:
    """The trace and the options of `live`."""
    several: dict[str, Any] = {
        "type": Value("ids", _ids, _("ids separated by commas")),
        "metavar": "ID",
        "multiple": True,
        "callback": _flat,
    }
    return [
        click.Argument(["trace"], metavar="TRACE"),
        _option("--port", _("Port to listen on (any free one)."), type=_whole(0), metavar="N", default="0"),
        _option("--until-closed", _("End when the run and all its readers are gone.")),
        _option("--since", _("Wait for a trace written after this time (ns)."), type=_whole(0), metavar="NS", default="0"),
        _option("--select", _("Only these rules; repeatable."), **several),
        _option("--preview", _("Rules in preview too; never counted.")),
        language(),
    ]


def exporting() -> list[click.Parameter]:
    """The trace and the options of `export`."""
    targets = sorted(m.name for m in pkgutil.iter_modules([str(Path(__file__).parent / "sinks")]))
    path = Value("file", Path, _("a file"))
    return [
        click.Argument(["trace"], metavar="TRACE"),
        click.Argument(["folder"], metavar=_("FOLDER"), type=Value("folder", Path, _("a folder"))),
        _option("--to", _("Tracker to write for."), type=_one_of(targets), metavar="|".join(targets), required=True),
        _option("--baseline", _("Findings known from this file are not shown."), type=path, metavar="FILE"),
        language(),
    ]


def trials() -> list[click.Option]:
    """Options of `treat` alone."""
    ids = Value("ids", _ids, _("ids separated by commas"))
    metric = Value("metric", str, _("a name or a regular expression"))
    return [
        _option("--metric", _("Judge by this printed number."), type=metric, metavar="NAME|REGEX"),
        _option("--remedy", _("Try only these; a+b is a combination."), type=ids, metavar="ID", multiple=True, callback=_flat),
        _option("--pairs", _("Pairs of arms per trial."), type=_whole(1), metavar="N"),
        _option("--steps", _("Optimizer steps of an arm."), type=_whole(1), metavar="N"),
        _option("--jobs", _("Arms that run at once."), type=_whole(1), metavar="N"),
        _option("--time-limit", _("End the treatment after this time."), type=_seconds(), metavar="SECONDS"),
        _option("--thorough", _("Try everything that fits, and settle it.")),
        _option("--diff", _("Show the proven remedy as a patch.")),
        _option("--apply", _("Write the proven remedy into the script.")),
        _option("--force", _("Write it even over changes not committed.")),
        _option("--no-cache", _("Run every arm again.")),
    ]


def clinic() -> list[click.Parameter]:
    """The folder and the options of `clinic`."""
    path = Value("file", Path, _("a file"))
    return [
        click.Argument(["folder"], metavar=_("FOLDER")),
        _option("--treat", _("Treat them, and score the treatments.")),
        _option("--against", _("Compare the treatments with this."), type=_one_of(("random",)), metavar="random"),
        _option(
            "--cases",
            _("Only cases with such names; several patterns with commas."),
            type=Value("pattern", str, _("a pattern")),
            metavar="GLOB",
        ),
        _option("--seeds", _("Runs of every script."), type=_whole(1), metavar="N", default="3"),
        _option("--half", _("Only cases of this half."), type=_one_of(("tune", "report")), metavar="tune|report"),
        _option("--jobs", _("Scripts that run at once."), type=_whole(1), metavar="N"),
        _option("--format", _("Form of the answer."), type=_one_of(("text", "json")), metavar="text|json", default="text"),
        _option("--output", _("Write the scores to this file."), type=path, metavar="FILE"),
        _option("--quiet", _("No progress bar.")),
        language(),
    ]


def lab() -> list[click.Parameter]:
    """The topics and the options of `lab`; after the topics, and after `--set`, stand knobs as name=value."""
    path, turned = Value("file", Path, _("a file")), Value("knob", knob, _("name=value, such as depth=30"))
    formats = ("text", "json", "markdown")
    return [
        click.Argument(["topics"], nargs=-1, metavar=_("[TOPIC|CLAIM]...")),
        _option("--all", _("All topics.")),
        _option("--quick", _("The smoke version: fewest seeds, smallest knobs.")),
        _option("--seeds", _("Repeats of every claim."), type=_whole(1), metavar="N"),
        _option("--set", _("Turn knobs of an experiment."), type=turned, metavar="KNOB=VALUE...", multiple=True),
        _option("--plot", _("Draw what there is to see into this file."), type=path, metavar="FILE"),
        _option("--show", _("Draw it in windows.")),
        _option("--format", _("Form of the answer."), type=_one_of(formats), metavar="|".join(formats), default="text"),
        _option("--coverage", _("Where each statement of the source documents is answered.")),
        _option("--no-cache", _("Measure everything again.")),
        _option("--quiet", _("No progress bar.")),
        language(),
    ]


def knob(text: str) -> tuple[str, str]:
    """A knob's name and its value, still as text."""
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise ValueError(text)
    return name.strip().replace("-", "_"), value.strip()


def form(given: str | None, output: Path | None) -> str:
    """The format asked for; else the one that the file's name tells; else text."""
    return given or _BY_SUFFIX.get(output.suffix.lower() if output else "", "text")


# --------------------------------------------------------------------------------------------------------- commands


class Command(click.Command):
    """A command whose every word is translated, click's own too."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The first line of the help."""
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix=_("Usage: "))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of options."""
        rows = [row for param in self.get_params(ctx) if isinstance(param, click.Option) and (row := param.get_help_record(ctx))]
        with formatter.section(_("Options")):
            formatter.write_dl(rows)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """`--help`."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = _("Show this help.")
        return option


class ScriptCommand(Command):
    """A command that hands everything after the script, or after `-m MODULE`, to the script."""

    allow_interspersed_args = False

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse what is ours."""
        own = own_part(args, self)
        whole = own == len(args) or "--" in args[:own]
        return super().parse_args(ctx, args if whole else [*args[:own], "--", *args[own:]])


class Group(Command, click.Group):
    """The commands."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The tables of options and of commands."""
        super().format_options(ctx, formatter)
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, self.commands[name].help or "") for name in self.list_commands(ctx)])

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which a person meets them."""
        return list(self.commands)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """The command named; one sentence where there is none."""
        if args[0] not in self.commands:
            near = [f"unstuck run {args[0]}"] if args[0].endswith(".py") else get_close_matches(args[0], list(self.commands), n=2)
            raise click.UsageError(_("There is no command {name!r}.").format(name=args[0]) + _did_you_mean(near), ctx)
        return super().resolve_command(ctx, args)


def own_part(arguments: Sequence[str], command: click.Command) -> int:
    """How many arguments of a ScriptCommand are unstuck's own: those before the script, or up to the module after `-m`."""
    valued = {name for p in command.params if isinstance(p, click.Option) and not p.is_flag for name in p.opts}
    at = 0
    while at < len(arguments) and arguments[at].startswith("-") and arguments[at] != "-":
        argument = arguments[at]
        at += 2 if argument in valued else 1
        if argument == "--" or (argument.startswith("-m") and not argument.startswith("--")):
            break
    return min(at, len(arguments))


def language_of(arguments: Sequence[str], group: click.Group) -> str:
    """The last `--lang` among unstuck's own arguments; the locale's language where there is none."""
    own = list(arguments)
    for at, argument in enumerate(own):
        command = group.commands.get(argument)
        if isinstance(command, ScriptCommand):
            own = own[: at + 1 + own_part(own[at + 1 :], command)]
            break
    pairs = [a.partition("=")[::2] if "=" in a else (a, b) for a, b in zip(own, [*own[1:], ""], strict=False)]
    asked = [value.lower() for name, value in pairs if name == "--lang" and value.lower() in LANGUAGES]
    return asked[-1] if asked else preferred()


def wrong_use(error: click.ClickException, group: click.Group) -> str:
    """What is wrong with the arguments, in one sentence, and where to look."""
    ctx = getattr(error, "ctx", None)
    said = error.format_message()
    if isinstance(error, click.NoSuchOption):
        said = _("There is no option {name}.").format(name=error.option_name) + _did_you_mean(error.possibilities or [])
    elif isinstance(error, click.BadOptionUsage):
        options = [p for command in (group, *group.commands.values()) for p in command.params if isinstance(p, click.Option)]
        valued = {name for option in options if not option.is_flag for name in option.opts}
        sentence = _("The option {name} needs a value.") if error.option_name in valued else _("The option {name} takes no value.")
        said = sentence.format(name=error.option_name)
    elif isinstance(error, click.MissingParameter) and error.param is not None:
        said = _("{name} is missing.").format(name=error.param.human_readable_name)
    elif isinstance(error, click.BadParameter) and error.param is not None:
        said = f"{error.param.opts[0]}: {error.message}"
    return said + _(" See {command}.").format(command=f"{ctx.command_path if ctx else 'unstuck'} --help")


def _did_you_mean(near: Sequence[str]) -> str:
    return _(" Did you mean {names}?").format(names=_(" or ").join(near)) if near else ""
