"""A proven remedy as a change of the user's own source: drafted, run for itself as one more set of pairs, shown only if it earns its verdict.

`Remedy.edit` says where the source changes (`edits/`); here the files are read, the patched program is tried without any injection, and
the diff is written down, or into the files.
"""

from __future__ import annotations

import difflib
import os
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from unstuck import plugins
from unstuck.arms.arm import Arm
from unstuck.arms.sources import sources
from unstuck.attach.script import Program
from unstuck.bench import Bench, OutOfTime
from unstuck.edits.source import Draft, NoPatch, Source
from unstuck.errors import UsageError
from unstuck.judgement import judge
from unstuck.language import _, chosen
from unstuck.ledger import Record, Remedies, Want
from unstuck.records import Facts, Patch, Report, Text, Verdict

#: Full paths, and what stands in these files.
Overlay = tuple[tuple[str, bytes], ...]


def make(program: Program, home: Path, facts: Facts, remedies: Remedies) -> Draft:
    """The program's sources with the remedies written into them; NoPatch where there is no faithful way."""
    if program.recipe is not None:
        raise NoPatch("A recipe has no script to write into.", "recipe 没有可写入的脚本。")
    root = home.resolve()
    found = [(p, str(p.relative_to(root)) if p.is_relative_to(root) else str(p)) for p in sources(program, home)]
    draft = Draft([Source.read(path, name) for path, name in found], facts)
    known = plugins.remedies()
    for name in remedies:
        try:
            known[name].edit(draft)
            draft.settle()
        except NoPatch:
            raise
        except Exception as error:  # an edit that meets a script of an unforeseen shape must not cost the user the report
            text = f"{type(error).__name__}: {error}"
            raise NoPatch(f"{name} could not be written into the script ({text}).", f"{name} 无法写入脚本（{text}）。") from error
    if not draft.changed:
        raise NoPatch("The script says so already.", "脚本已经是这样写的。")
    return draft


def overlay(draft: Draft) -> Overlay:
    """The changed files, as an arm takes them."""
    return tuple((str(s.path), s.text.encode(s.encoding)) for s in draft.changed)


def diff(draft: Draft) -> str:
    """The changes as one unified diff that `git apply` and `patch -p1` read."""
    parts = []
    for source in draft.changed:
        name = source.name
        names = (name, name) if os.path.isabs(name) else (f"a/{name}", f"b/{name}")
        old, new = (text.splitlines(keepends=True) for text in (source.original, source.text))
        for line in difflib.unified_diff(old, new, *names, n=3):
            parts.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return "".join(parts)


# ------------------------------------------------------------------------------------------------------------ trying


def prove(program: Program, report: Report, record: Record | None, bench: Bench | None) -> tuple[Patch, Draft | None]:
    """The best proven remedy that can be written, tried as it would stand in the script; the draft where it earned its place."""
    helping = sorted(
        (v for v in report.verdicts if v.outcome == "helps"), key=lambda v: (v.trial.remedies != report.best, -(v.effect or 0.0))
    )
    if not helping or record is None or bench is None:
        return Patch(reason=Text("Nothing is proven to help, so there is no patch.", "没有任何疗法被证明有效，因此没有补丁。")), None
    refused: NoPatch | None = None
    for verdict in helping:
        try:
            draft = make(program, Path.cwd(), report.facts, verdict.trial.remedies)
        except NoPatch as error:
            refused = refused or error
            continue
        try:
            return tried(draft, verdict, record, bench)
        except OutOfTime:
            late = Text("The time limit came before the patch was tried.", "补丁尚未试验，时间已到。")
            return Patch(remedies=verdict.trial.remedies, reason=late), None
    assert refused is not None
    return Patch(remedies=report.best, reason=refused.reason), None


def tried(draft: Draft, verdict: Verdict, record: Record, bench: Bench) -> tuple[Patch, Draft | None]:
    """The patched program against the untouched one, on the seeds and with the length of the confirmation; no remedy is injected."""
    remedies, plan = verdict.trial.remedies, record.plan
    files = overlay(draft)

    def make_arm(*, remedies: Remedies, **settings: object) -> Arm:
        arm = bench.make_arm(remedies=(), **settings)
        return replace(arm, overlay=files) if remedies else arm

    own = Record(plan, record.yardstick, tried={remedies: record.tried[remedies]})
    again = Bench(bench.pool, make_arm, own, bench.yardstick, bench.arm_limit_s, bench.progress, bench.out_of_time)
    again.results = {key: value for key, value in bench.results.items() if not key[0]}
    seeds, steps = verdict.trial.seeds, verdict.trial.steps
    again.measure([Want(who, seed, steps) for seed in seeds for who in ((), remedies)])
    own_verdict = judge(own.trial(remedies, seeds, steps), level=plan.level)
    if own_verdict.outcome == "helps":
        return Patch(remedies=remedies, diff=diff(draft), verdict=own_verdict), draft
    failures = own_verdict.trial.failures
    why = Text(f" ({failures[0]})", f"（{failures[0]}）") if failures else Text("", "")
    reason = Text(
        f"The patched script, run for itself, did not earn the same verdict{why.en}, so it is not shown.",
        f"补丁后的脚本独立运行时没有得到同样的结论{why.zh}，因此不显示。",
    )
    return Patch(remedies=remedies, verdict=own_verdict, reason=reason), None


# ----------------------------------------------------------------------------------------------------------- writing


def check(program: Program, *, force: bool) -> None:
    """Before anything runs: UsageError where `--apply` could not write into the script afterwards."""
    path = next((p for p in sources(program, Path.cwd()) if program.path and p == Path(program.path).resolve()), None)
    why = uncommitted(path) if path is not None and not force else None
    if why is not None:
        said = _("--apply would write into {path}, which {why}. Commit it first, or add --force.")
        raise UsageError(said.format(path=program.path, why=why.in_language(chosen())))


def uncommitted(path: Path) -> Text | None:
    """Why git would not have the file as it is; None where it has, or where there is no git."""
    command = ["git", "-C", str(path.parent), "status", "--porcelain", "--ignored", "--", path.name]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if asked.returncode or not asked.stdout.strip():
        return None
    if asked.stdout[:2] in ("??", "!!"):
        return Text("is not under version control", "不在版本控制之下")
    return Text("has changes that are not committed", "有尚未提交的修改")


def write(patch: Patch, draft: Draft, *, force: bool) -> Patch:
    """Write a patch into the files, each with a backup beside it; all or none."""
    for source in draft.changed:
        why = None if force else uncommitted(source.path)
        if source.path.read_bytes() != source.original.encode(source.encoding):
            why = Text("was changed in the meantime", "在此期间被修改过")
        if why is not None:
            reason = Text("Not written: {name} {why}.", "未写入：{name} {why}。")
            filled = Text(reason.en.format(name=source.name, why=why.en), reason.zh.format(name=source.name, why=why.zh))
            return replace(patch, reason=filled)
    return replace(patch, written=tuple(_write(source) for source in draft.changed))


def _write(source: Source) -> str:
    backup = source.path.with_name(f"{source.path.name}.orig")
    number = 1
    while backup.exists():
        number += 1
        backup = source.path.with_name(f"{source.path.name}.orig{number}")
    shutil.copy2(source.path, backup)
    with tempfile.NamedTemporaryFile(dir=source.path.parent, delete=False) as file:
        file.write(source.text.encode(source.encoding))
    shutil.copymode(source.path, file.name)
    os.replace(file.name, source.path)
    return source.name
