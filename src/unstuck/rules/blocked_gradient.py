from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unstuck import reading
from unstuck.plugins import CannotLook, Rule
from unstuck.records import Finding, ParameterFacts, Text, Trace


@dataclass(frozen=True)
class BlockedGradient(Rule):
    """Parameters that should learn get no gradient, or no optimizer.

    ## What it sees
    Layers in the order of their calls, each with whether its trainable parameters ever received a gradient and whether an optimizer holds
    them. Nine shapes: no parameter of any optimizer, or of one of several that steps, is ever reached; parameters that the graph reaches and a
    hand-written backward pass refuses; layers of which only the biases are in an optimizer, as far as the net stays below `low_skill`; trainable layers from the input on
    get no gradient while later ones learn (`detach`, `no_grad`, `argmax`, `.data`), or get exactly zero from an operation of slope zero
    (rounding, a comparison), the layers or their weights alone; the last layers get a gradient but no optimizer has them (a head that was
    replaced); parameters that belong to no module (layers in a plain list), between learning ones, of a layer that the model calls in its own forward
    pass or, as far as the net stays below `low_skill`, with at least `frozen_share` of all numbers; modules in the optimizer that are never called and never reached (their weights are read past the
    graph), as far as they hold at least `unused_share` of its parameters and the net stays below `low_skill`; and most parameters frozen.
    ## Why it matters
    What is not updated stays random, and everything after it has to make do with random features.
    ## When it is wrong
    Silent for an auxiliary head that is not used, for tied weights, and for parameters that need no gradient or are in no optimizer where
    they lie before all learning ones (a frozen backbone), unless the net stays below `low_skill`. Where the net does well
    (`good_skill`, in training and in validation) nothing is reported but as a note.
    ## References
    PyTorch documentation, "Autograd mechanics: locally disabling gradient computation"; trl issue 6700; TrainCheck (2025).
    """

    zh = """应当学习的参数得不到梯度，或不在任何优化器中。

    ## 看到什么
    按调用次序排列的各层：其可训练参数是否收到过梯度、是否在某个优化器中。九种形态：优化器（或几个在更新的优化器之一）中没有一个参数被反向传播到达；处于计算图中而手写的 backward 不给梯度的参数；只有偏置在优化器中的层（网络水平低于 `low_skill`）；从输入起的可训练层
    得不到梯度而后面的层在学习（`detach`、`no_grad`、`argmax`、`.data`），或因斜率处处为零的运算（取整、比较）而梯度恰为零（整层，或只是其权重）；最后几层有梯度却不在优化器中（被替换的头）；不属于任何模块的参数
    （放在普通列表里的层），位于学习层之间、或属于模型在前向中自己调用的层、或占全部数值的至少 `frozen_share` 而网络水平低于 `low_skill`；在优化器中却从未被调用、也从未被反向传播到达的模块（绕过计算图读取了权重），其参数至少占 `unused_share` 且网络水平
    低于 `low_skill`；以及大多数参数被冻结。
    ## 为什么重要
    不被更新的部分保持随机，其后的一切只能依靠随机特征。
    ## 何时会错
    未使用的辅助头、共享权重不报告；位于所有学习层之前、不需要梯度或不在优化器中的参数（冻结的主干）也不报告，除非网络水平低于 `low_skill`。
    网络在训练与验证上都表现良好（`good_skill`）时至多作提示。
    ## 参考文献
    PyTorch 文档 "Autograd mechanics: locally disabling gradient computation"；trl issue 6700；TrainCheck (2025)。
    """

    root_cause = "blocked-gradient"
    explains = (
        "underfitting", "lr-too-low", "vanishing-gradient", "dead-units", "long-range-dependency", "degradation", "batch-too-large",
        "class-imbalance", "overfitting", "targets-not-normalised", "saturated-activation", "label-noise",
    )  # fmt: skip

    min_steps: int = 3  # optimizer steps; detections.md part 2.3
    good_skill: float = 0.93  # 0 = chance, 1 = perfect
    low_skill: float = 0.6  # below it a frozen or left-out backbone is suspected
    frozen_share: float = 0.4  # of all parameters
    unused_share: float = 0.2  # of the optimizer's parameters; our choice: one auxiliary head is usual
    all_zero: float = 0.99  # share of zeros in an output that is silent as a whole
    exact: float = 0.95  # confidence of the one shape that is an exact observation: nothing at all gets a gradient

    def check(self, trace: Trace) -> Iterator[Finding]:
        facts = trace.facts
        order = trace.note("calls.order")
        if facts.steps < self.min_steps or not isinstance(order, list) or not facts.parameters:
            raise CannotLook("fewer than three steps, or no layer was seen", "不足三步，或没有看到层")
        if not trace.names() & {"update.norm", "parameter.norm"}:
            raise CannotLook("no optimizer step was watched", "没有观察到优化器更新")
        found = (
            self._nothing(trace)
            or self._idle(trace)
            or self._refused(trace)
            or self._halved(trace)
            or self._chain(trace, [str(n) for n in order])
            or self._flat(trace)
            or self._numb(trace)
            or self._loose(trace)
            or self._unused(trace, [str(n) for n in order])
            or self._frozen(trace)
        )
        if found is None:
            return
        message, names, severity, confidence = found
        known = [s for s in (reading.skill(trace, "training"), reading.skill(trace, "validation")) if s is not None]
        if min(known) >= self.good_skill if known else reading.learns(trace, self.good_skill) and not reading.adversarial(trace):
            severity = "note"
        places = [p for n in names if (p := trace.place(n)) is not None]
        yield self.finding(
            message,
            places=places[:6],
            severity=severity,  # type: ignore[arg-type]
            confidence=confidence,
            first_step=self.min_steps,
            certain=confidence >= self.exact,
        )

    def _nothing(self, trace: Trace) -> tuple[Text, list[str], str, float] | None:
        """No parameter of an optimizer ever gets a gradient, or none of them ever moves."""
        held = [p for p in trace.facts.parameters if p.optimizer is not None]
        norms = [s for s in trace.each("parameter.gradient_norm") if len(s)]
        # What the optimizer moved did receive one, though it was not measured (a sparse one).
        moved = any(float(np.nanmax(s.values, initial=0.0)) > 0 for s in trace.each("update.norm") if len(s))
        if held and not norms and not moved:
            text = Text(
                "None of the {n} parameters of the optimizer ever received a gradient.", "优化器的 {n} 个参数从未收到梯度。"
            ).format(n=len(held))
            return text, [], "error", 0.95
        live = {s.place.name for s in norms if float(np.max(s.finite(), initial=0.0)) > 0}
        moves = [s for s in trace.each("update.norm") if s.place.name in live and len(s) >= self.min_steps]
        rate = trace.signal("lr.value")
        if moves and all(float(np.nanmax(s.values)) == 0.0 for s in moves) and (rate is None or float(rate.values.max()) > 0):
            text = Text(
                "The {n} parameters of the optimizer receive a gradient, but none of them ever changes.",
                "优化器的 {n} 个参数收到梯度，却从不改变。",
            ).format(n=len(moves))
            return text, [], "error", 0.9
        return None

    def _idle(self, trace: Trace) -> tuple[Text, list[str], str, float] | None:
        """One of several optimizers steps, and none of its parameters ever gets a gradient or changes."""
        steps = {s.place.name: s for s in trace.each("update.norm") if len(s) >= self.min_steps}
        optimizers = {p.optimizer for p in trace.facts.parameters if p.optimizer is not None}
        for number in sorted(optimizers):
            held = [p for p in trace.facts.parameters if p.optimizer == number]
            still = all(p.requires_grad and p.grad_missing and not p.changed for p in held)
            if still and all(p.name in steps and not steps[p.name].values.any() for p in held):
                names = list(dict.fromkeys(p.module for p in held))
                text = Text(
                    "One of {all} optimizers steps, but none of its {n} parameters ({names}) ever received a gradient.",
                    "{all} 个优化器中有一个在更新，但它的 {n} 个参数（{names}）从未收到梯度。",
                ).format(all=len(optimizers), n=len(held), names=self._names(names))
                return text, names, "error", 0.93
        return None

    def _refused(self, trace: Trace) -> tuple[Text, list[str], str, float] | None:
        """The graph reaches a parameter, and nothing ever comes: a hand-written backward pass returns None for it."""
        still = {s.place.name for s in trace.each("update.norm") if len(s) >= self.min_steps and not s.values.any()}
        measured = {s.place.name for s in trace.each("parameter.gradient_norm") if len(s)}
        refused = [
            p for p in trace.facts.parameters
            if p.optimizer is not None and p.requires_grad and not (p.grad_missing or p.changed) and p.name in still - measured
        ]  # fmt: skip
        if not refused or not measured:
            return None
        text = Text(
            "{names}: part of the graph of the loss, and yet no gradient ever arrives: the backward pass of an autograd function returns None for it.",
            "{names}：处于损失的计算图中，却从未收到梯度：某个 autograd 函数的 backward 对它返回了 None。",
        ).format(names=self._names([p.name for p in refused]))
        return text, [p.name for p in refused], "error", 0.95

    def _halved(self, trace: Trace) -> tuple[Text, list[str], str, float] | None:
        """Layers whose weights get a gradient and are in no optimizer, while their other parameters learn."""
        learning = {p.module for p in trace.facts.parameters if p.optimizer is not None and p.changed}
        left = [
            p for p in trace.facts.parameters
            if p.requires_grad and p.optimizer is None and not (p.grad_missing or p.changed) and p.module in learning
        ]  # fmt: skip
        share = self._size(left) / max(self._size(list(trace.facts.parameters)), 1)
        if not left or share < self.frozen_share or reading.learns(trace, self.low_skill) is not False:
            return None
        layers = list(dict.fromkeys(p.module for p in left))
        text = Text(
            "Of {count} layers ({names}) only a part is in an optimizer: {share:.0%} of all parameters receive a gradient and are left out.",
            "有 {count} 层（{names}）只有一部分参数在优化器中：全部参数的 {share:.0%} 收到梯度却被遗漏。",
        ).format(count=len(layers), names=self._names(layers), share=share)
        return text, layers, "error", 0.9

    def _chain(self, trace: Trace, order: list[str]) -> tuple[Text, list[str], str, float] | None:
        states = [(name, state) for name in order if (state := self._state(trace, name)) is not None]
        learning = [i for i, (_, s) in enumerate(states) if s == "learns"]
        if not learning:
            return None
        first, last = learning[0], learning[-1]
        blocked = [n for n, s in states[:first] if s == "no gradient"]
        poor = reading.learns(trace, self.low_skill) is False
        if blocked:
            held = any(p.optimizer is not None for p in trace.facts.parameters if p.module in blocked)
            if held or poor:
                text = Text(
                    "{count} trainable layers from the input on ({names}) never received a gradient, while {later} does.",
                    "从输入起的 {count} 个可训练层（{names}）从未收到梯度，而 {later} 有梯度。",
                ).format(count=len(blocked), names=self._names(blocked), later=states[first][0])
                return text, blocked, "error" if held else "warning", 0.93 if held else 0.7
        head = [n for n, s in states[last + 1 :] if s == "no optimizer"]
        if head:
            text = Text(
                "{count} layers nearest to the loss ({names}) receive a gradient, but are in no optimizer.",
                "最靠近损失的 {count} 层（{names}）收到梯度，却不在任何优化器中。",
            ).format(count=len(head), names=self._names(head))
            return text, head, "error", 0.93
        between = [n for n, s in states[first:last] if s == "no optimizer"]
        if between:
            text = Text(
                "{count} layers between learning ones ({names}) receive a gradient, but are in no optimizer.",
                "位于学习层之间的 {count} 层（{names}）收到梯度，却不在任何优化器中。",
            ).format(count=len(between), names=self._names(between))
            return text, between, "error", 0.9
        cut = [n for n, s in states[first:last] if s == "no gradient"]
        weight = self._share(trace, cut)
        if poor and len(cut) >= 2 and weight >= 0.1:
            text = Text(
                "{count} trainable layers ({names}; {share:.0%} of all parameters) are called, but never received a gradient.",
                "{count} 个可训练层（{names}；占全部参数的 {share:.0%}）被调用，却从未收到梯度。",
            ).format(count=len(cut), names=self._names(cut), share=weight)
            return text, cut, "warning", 0.75
        left_out = [n for n, s in states[:first] if s == "no optimizer"]
        if poor and left_out and self._share(trace, left_out) >= self.frozen_share:
            text = Text(
                "{count} layers from the input on ({names}; {share:.0%} of all parameters) are in no optimizer.",
                "从输入起的 {count} 层（{names}；占全部参数的 {share:.0%}）不在任何优化器中。",
            ).format(count=len(left_out), names=self._names(left_out), share=self._share(trace, left_out))
            return text, left_out, "warning", 0.65
        return None

    def _flat(self, trace: Trace) -> tuple[Text, list[str], str, float] | None:
        """Zero gradient, exactly and always, from the input up to an operation that passes none on (rounding, a comparison, a sign).

        Activations that pass none are dead or saturated, and a weighted layer that passes none has weights of zero: those are other causes.
        """
        norms = [s for s in trace.each("gradient.norm") if len(s.finite()) >= self.min_steps]
        norms.sort(key=lambda s: s.place.order)
        zero = list(itertools.takewhile(lambda s: not s.finite().any(), norms))
        if not zero or len(zero) == len(norms) or not any(s.place.kind in reading.WEIGHTED for s in zero):
            return None
        above, stop = norms[len(zero)].place, norms[len(zero)]
        gain, zeros = trace.signal("gradient.gain", above.name), trace.signal("activation.zero_share", above.name)
        passes = gain is not None and float(np.nanmax(gain.values, initial=0.0)) > 0
        silent = zeros is not None and float(zeros.values.max()) > self.all_zero
        if not stop.finite().all() or silent or reading.is_activation(above):
            return None
        if above.kind in reading.WEIGHTED and not passes:
            return None
        held = {p.module for p in trace.facts.parameters if p.optimizer is not None and p.requires_grad}
        layers = [s.place.name for s in zero if s.place.name in held]
        if not layers:
            return None
        text = Text(
            "{count} trainable layers from the input on ({names}) receive a gradient of exactly zero at every step, while {later} receives one: an "
            "operation between them has slope zero everywhere (rounding, a comparison, a sign).",
            "从输入起的 {count} 个可训练层（{names}）每一步收到的梯度都恰为零，而 {later} 有梯度：二者之间的某个运算处处斜率为零（取整、比较或符号函数）。",
        ).format(count=len(layers), names=self._names(layers), later=above.name)
        return text, [above.name, *layers], "error", 0.93

    def _numb(self, trace: Trace) -> tuple[Text, list[str], str, float] | None:
        """Weights whose gradient is zero, exactly and always, of layers whose biases get one and whose inputs vary: they are rounded first."""
        norms = {s.place.name: s.finite() for s in trace.each("parameter.gradient_norm") if len(s.finite()) >= self.min_steps}
        held = [p for p in trace.facts.parameters if p.optimizer is not None and p.requires_grad and p.name in norms]
        live = {p.module for p in held if len(p.shape) == 1 and norms[p.name].all()}
        numb = [p.module for p in held if len(p.shape) >= 2 and p.module in live and not norms[p.name].any()]
        spreads = sorted(trace.each("activation.std"), key=lambda s: s.place.order)
        varied = trace.signal("input.std", "input")
        layers = []
        for name in numb:
            place = trace.place(name)
            if place is None or place.kind not in reading.WEIGHTED:
                continue  # the last output alone of a walk in reverse has seen one step, and its recurrent weights a state of zeros
            before = [s for s in spreads if s.place.order < place.order]
            source = before[-1] if before else varied
            if source is not None and len(source.finite()) and float(source.finite().min()) > 0:
                layers.append(name)
        if not layers:
            return None
        text = Text(
            "The weights of {count} trainable layers ({names}) receive a gradient of exactly zero at every step, while their biases receive one and "
            "their inputs vary: an operation on the weights has slope zero everywhere (rounding, a comparison, a sign).",
            "{count} 个可训练层（{names}）的权重每一步收到的梯度都恰为零，而其偏置有梯度、输入有变化：作用于权重的某个运算处处斜率为零（取整、比较或符号函数）。",
        ).format(count=len(layers), names=self._names(layers))
        return text, layers, "error", 0.93

    def _loose(self, trace: Trace) -> tuple[Text, list[str], str, float] | None:
        """Parameters of no known module, between learning ones or, where little is learned, most of what there is."""
        count = trace.note("parameters.between", 0)
        if not isinstance(count, int) or not count:
            return self._inside(trace) or self._left_out(trace)
        text = Text(
            "{n} parameters{made} lie between learning ones in the graph, but are in no optimizer and in none of its models.",
            "计算图中有 {n} 个参数{made_zh}位于学习的参数之间，却不在任何优化器及其模型中。",
        ).format(n=count, **self._made(trace))
        return text, [], "error", 0.93

    def _inside(self, trace: Trace) -> tuple[Text, list[str], str, float] | None:
        """Layers that a model calls in its own forward pass, and that are none of its modules."""
        count = trace.note("parameters.inside", 0)
        if not count:
            return None
        text = Text(
            "{n} parameters{made} of layers that the model calls in its forward pass receive a gradient, but are in no optimizer and in none of "
            "its modules (layers in a plain list?).",
            "模型前向中调用的层有 {n} 个参数{made_zh}收到梯度，却不在任何优化器中，也不属于模型的任何模块（放在普通列表里的层？）。",
        ).format(n=count, **self._made(trace))
        return text, [], "warning", 0.85

    def _left_out(self, trace: Trace) -> tuple[Text, list[str], str, float] | None:
        """Parameters of no known module that get a gradient, and outweigh those that learn (the first layers of a net, in a plain list)."""
        orphans = trace.note("parameters.orphans", [])
        shapes = [str(o).partition("[")[2].rstrip("]") for o in orphans if str(o).startswith("parameter [")]  # type: ignore[attr-defined]
        size = sum(int(np.prod([int(d) for d in shape.split(",") if d.strip()])) for shape in shapes)
        share = size / max(size + self._size(list(trace.facts.parameters)), 1)
        held = any(p.optimizer is not None for p in trace.facts.parameters)  # otherwise the script takes its steps by hand
        if not held or share < self.frozen_share or reading.learns(trace, self.low_skill) is not False:
            return None
        text = Text(
            "{n} parameters{made} ({share:.0%} of all numbers) receive a gradient, but are in no optimizer and in none of its models.",
            "有 {n} 个参数{made_zh}（占全部数值的 {share:.0%}）收到梯度，却不在任何优化器及其模型中。",
        ).format(n=len(shapes), share=share, **self._made(trace))
        return text, [], "error", 0.85

    @staticmethod
    def _made(trace: Trace) -> dict[str, str]:
        """Where the layers of parameters of no model were made."""
        noted = trace.note("parameters.made_at")
        sites = [str(s) for s in noted] if isinstance(noted, list) else []
        lines = ", ".join(sites[:3]) + (", …" if len(sites) > 3 else "")
        return {"made": f" (made at {lines})" if lines else "", "made_zh": f"（创建于 {lines}）" if lines else ""}

    def _unused(self, trace: Trace, order: list[str]) -> tuple[Text, list[str], str, float] | None:
        """Modules in the optimizer that are never called and get no gradient: their weights are read past the graph, or not at all."""
        held = [p for p in trace.facts.parameters if p.optimizer is not None and p.requires_grad]
        unused = [p for p in held if p.grad_missing and p.module not in order]
        share = self._size(unused) / max(self._size(held), 1)
        if share < self.unused_share or reading.learns(trace, self.low_skill) is not False:
            return None
        names = list(dict.fromkeys(p.module for p in unused))
        text = Text(
            "{names}: {share:.0%} of the optimizer's parameters are in modules that are never called and never received a gradient.",
            "{names}：优化器中 {share:.0%} 的参数所在的模块从未被调用，也从未收到梯度。",
        ).format(names=self._names(names), share=share)
        return text, names, "warning", 0.75

    @staticmethod
    def _size(parameters: list[ParameterFacts]) -> int:
        return sum(int(np.prod(p.shape)) if p.shape else 1 for p in parameters)

    def _frozen(self, trace: Trace) -> tuple[Text, list[str], str, float] | None:
        frozen = [p for p in trace.facts.parameters if not p.requires_grad]
        sizes = {p.name: int(np.prod(p.shape)) if p.shape else 1 for p in trace.facts.parameters}
        share = sum(sizes[p.name] for p in frozen) / max(sum(sizes.values()), 1)
        if share < self.frozen_share or reading.learns(trace, self.low_skill) is not False:
            return None
        text = Text(
            "{share:.0%} of the model's {n} parameters are frozen (requires_grad is False), and it has learned little.",
            "模型 {n} 个参数中有 {share:.0%} 被冻结（requires_grad 为 False），而网络学到的很少。",
        ).format(share=share, n=sum(sizes.values()))
        return text, list(dict.fromkeys(p.module for p in frozen)), "warning", 0.7

    @staticmethod
    def _state(trace: Trace, name: str) -> str | None:
        """Of a layer's trainable parameters: learns, no gradient, no optimizer; None where it has none."""
        own: list[ParameterFacts] = [p for p in trace.facts.parameters if p.module == name and p.requires_grad]
        if not own:
            return None
        if any(p.optimizer is not None and not p.grad_missing for p in own):
            return "learns"
        return "no gradient" if all(p.grad_missing for p in own) else "no optimizer"

    @staticmethod
    def _share(trace: Trace, names: list[str]) -> float:
        size = {p.name: int(np.prod(p.shape)) if p.shape else 1 for p in trace.facts.parameters}
        return sum(size[p.name] for p in trace.facts.parameters if p.module in names) / max(sum(size.values()), 1)

    @staticmethod
    def _names(names: list[str]) -> str:
        return ", ".join(names) if len(names) <= 2 else f"{names[0]} … {names[-1]}"
