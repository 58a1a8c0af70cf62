"""A trace -> ranked findings, and what could not be looked for.

Ranking is declared, not coded: a rule says which root causes its own explains; a cause stands above its consequences, then error above
warning above note, then the more confident first. No rule is known here by name.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from unstuck import plugins
from unstuck.errors import unknown
from unstuck.records import Finding, Report, Skipped, Text, Trace

SEVERITY = {"error": 0, "warning": 1, "note": 2}


def diagnose(trace: Trace, *, select: Collection[str] = (), ignore: Collection[str] = (), preview: bool = False) -> Report:
    """Let every selected rule read the trace.

    `select` and `ignore` hold ids of rules (UsageError for an unknown one); `preview` also asks rules that are not yet measured.
    """
    rules = plugins.rules()
    for name in (*select, *ignore):
        if name not in rules:
            raise unknown("rules", name, list(rules))
    findings: list[Finding] = []
    skipped: list[Skipped] = []
    clean: list[str] = []
    for name, rule in rules.items():
        if (select and name not in select) or name in ignore or (rule.preview and not preview and name not in select):
            continue
        found, reason = ask(rule, trace)
        if reason is not None:
            skipped.append(Skipped(rule=name, reason=reason))
        elif not found:
            clean.append(name)
        findings += found
    findings = [plugins.with_remedies(f) for f in ranked(findings)]
    return Report(
        facts=trace.facts,
        findings=tuple(findings),
        skipped=tuple(skipped),
        clean=tuple(clean),
        signals=len(trace.names()),
        measured_places=len({s.place.name for s in trace.signals}),
    )


#: What it means that a signal was not measured, by the beginning of its name.
ABSENT = {
    "norm.": Text("no batch-norm layer with running statistics was seen", "没有看到带滑动统计量的批归一化层"),
    "activation.silent": Text("no rectified layer was seen for long enough", "没有看到足够久的整流层"),
    "activation.saturated": Text("no bounded activation (sigmoid, tanh) was seen", "没有看到有界激活（sigmoid、tanh）"),
    "input.": Text("no floating-point inputs were seen", "没有看到浮点输入"),
    "validation.": Text("no phase without gradients was seen", "没有看到不记录梯度的阶段"),
    "lr.": Text("no optimizer was seen", "没有看到优化器"),
    "gradient.noise": Text("no two neighbouring steps were sampled", "没有采样到相邻的两步"),
    "gradient.leftover": Text("gradients were not watched from one step to the next", "没有从一步到下一步观察梯度"),
    "gradient.total": Text("no gradient of a parameter was seen", "没有看到任何参数的梯度"),
    "gradient.norm": Text("no gradient was seen at a layer's output", "没有在任何层的输出处看到梯度"),
    "mode.": Text("the mode of no model was seen", "没有看到任何模型的模式"),
    "parameter.": Text("no parameter was followed", "没有跟踪到任何参数"),
    "update.": Text("no optimizer step was watched", "没有观察到优化器更新"),
    "loss.": Text("no loss was seen", "没有看到损失"),
}


def absent(name: str) -> Text:
    """What it means that this signal is not in the trace; the signal itself for one of a plug-in's own."""
    plain = Text(f"needs {name}, which was not measured", f"需要 {name}，但没有测到")
    return next((text for start, text in ABSENT.items() if name.startswith(start)), plain)


def ask(rule: plugins.Rule, trace: Trace) -> tuple[list[Finding], Text | None]:
    """One rule's findings, or why it could not look. An error inside a rule is a reason too: it must not hide what others see."""
    missing = [n for n in rule.needs if n not in trace.names()]
    if not trace.facts.steps:
        return [], Text("no optimizer step was seen", "没有看到优化器更新")
    if missing:
        return [], absent(missing[0])
    if trace.facts.exit != "finished" and trace.facts.steps < rule.patience:
        return [], Text(
            "the run ended or stands after {steps} steps, where healthy ones may look the same (it speaks from {least} on)",
            "运行只到第 {steps} 步，健康的训练此时可能也是如此（从第 {least} 步起判断）",
        ).format(steps=trace.facts.steps, least=rule.patience)
    try:
        return list(rule.check(trace)), None
    except plugins.CannotLook as reason:
        return [], reason.reason
    except Exception as error:
        return [], Text(f"the rule failed: {type(error).__name__}: {error}", f"规则出错：{type(error).__name__}：{error}")


def ranked(findings: list[Finding]) -> list[Finding]:
    """Causes above their consequences; otherwise by severity, then confidence, then name.

    A finding that another one explains is placed below it; where two explain one another, severity and confidence decide.
    """
    present = {f.root_cause for f in findings}
    key = {id(f): (SEVERITY[f.severity], -f.confidence, f.first_step, f.rule) for f in findings}

    def strength(f: Finding) -> tuple[int, float, int, str]:
        return key[id(f)]

    def is_cause(a: Finding, b: Finding) -> bool:
        if a.severity == "note" and b.severity != "note":
            return False
        if b.root_cause not in a.explains or a.root_cause == b.root_cause:
            return False
        return a.root_cause not in b.explains or strength(a) < strength(b)

    left = sorted(findings, key=strength)
    ordered: list[Finding] = []
    while left:
        free = next((f for f in left if not any(is_cause(other, f) for other in left if other is not f)), left[0])
        left.remove(free)
        ordered.append(replace(free, explains=tuple(e for e in free.explains if e in present)))
    return ordered
