from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from unstuck import reading
from unstuck.plugins import CannotLook, Rule
from unstuck.records import Finding, Text, Trace

Pair = tuple[str, str, str]


@dataclass(frozen=True)
class MissingNonlinearity(Rule):
    """Weighted layers follow one another with no activation between them, so together they are one linear layer.

    ## What it sees
    In the autograd graph: pairs of weighted layers with nothing but linear operations (reshapes, dropout, averages, normalisation) between
    them. It speaks when no activation, gate or attention lies anywhere above the first weights, or when at least `min_share` of the
    joints between layers are bare, and the net learns less than `enough_skill`.
    ## Why it matters
    W2 (W1 x + b1) + b2 = (W2 W1) x + (W2 b1 + b2): any depth of it is logistic or linear regression.
    ## When it is wrong
    Of matrices that a module multiplies by hand only the size that two of them share is known.
    Not reported: a low-rank factor (the middle narrower than both sides), a pointwise or depthwise convolution, a projection in front of
    another layer where most joints have their activation, and linear nets that learn what there is.
    ## References
    Goodfellow, Bengio, Courville (2016), "Deep Learning", section 6.1; Sandler et al. (2018), "MobileNetV2" (linear bottlenecks on purpose).
    """

    zh = """带权层一个接一个，中间没有激活函数，合起来只是一个线性层。

    ## 看到什么
    在自动求导图中：两个带权层之间只有线性运算（变形、dropout、平均、归一化）。当第一层权重之后哪里都没有激活、门或注意力，或至少
    `min_share` 的接缝没有激活，且网络学到的不足 `enough_skill` 时报告。
    ## 为什么重要
    W2 (W1 x + b1) + b2 = (W2 W1) x + (W2 b1 + b2)：叠多少层都等于逻辑回归或线性回归。
    ## 何时会错
    模块自行相乘的矩阵，只知道相邻两者共有的维度。
    不报告：低秩分解（中间比两边都窄）、逐点或逐通道卷积、多数接缝有激活时某一层前的投影，以及学得好的线性网络。
    ## 参考文献
    Goodfellow, Bengio, Courville (2016), "Deep Learning" 第 6.1 节；Sandler 等 (2018), "MobileNetV2"（有意的线性瓶颈）。
    """

    root_cause = "missing-nonlinearity"
    explains = ("underfitting", "lr-too-low", "batch-too-large", "lr-too-high", "degradation", "class-imbalance")

    min_share: float = 0.5  # bare joints over all joints between weighted layers; our choice: one projection is usual, half of them is not
    enough_skill: float = 0.9  # 0 = chance, 1 = perfect; what a linear map reaches by itself is not the fault of the missing activation

    def check(self, trace: Trace) -> Iterator[Finding]:
        pairs, bends = trace.note("graph.linear_pairs"), trace.note("graph.bends")
        if not isinstance(pairs, list) or not isinstance(bends, list):
            raise CannotLook("the order of the operations was not seen", "没有看到运算的次序")
        below = [str(a) for a, _, _ in pairs]
        # A layer that feeds several others (queries, keys and values) is a projection for them.
        bare = [(str(a), str(b), str(c)) for a, b, c in pairs if below.count(str(a)) == 1 and self._counts(trace, str(a), str(b))]
        if not bare or reading.learns(trace, self.enough_skill) is not False:
            return
        joints = max(sum(1 for p in trace.facts.places if p.kind in reading.WEIGHTED and "#" not in p.name) - 1, len(bare))
        nowhere = not set(bends) - {"MaxPool1D", "MaxPool2DWithIndices", "MaxPool3DWithIndices", "MaxPool2D", "AdaptiveMaxPool2D"}
        if not nowhere and (len(bare) < 2 or len(bare) / joints < self.min_share):
            return
        lower, upper, between = bare[0]
        en = "; there is no activation anywhere in the net" if nowhere else ""
        zh = "；整个网络没有任何激活函数" if nowhere else ""
        yield self.finding(
            Text(
                "{lower} feeds {upper} with no activation between them{via}; so at {count} of {joints} joints{en}.",
                "{lower} 与 {upper} 之间没有激活函数{via}；{joints} 个接缝中有 {count} 个如此{zh}。",
            ).format(lower=lower, upper=upper, via=f" ({between})" if between else "", count=len(bare), joints=joints, en=en, zh=zh),
            places=[p for name in dict.fromkeys(n for a, b, _ in bare for n in (a, b)) if (p := trace.place(name)) is not None],
            severity="error" if nowhere else "warning",
            confidence=0.92 if nowhere and not bends else 0.8 if nowhere else 0.7,
            first_step=0,
        )

    def _counts(self, trace: Trace, lower: str, upper: str) -> bool:
        shapes = {p.name: p.shape for p in trace.facts.parameters}
        a, b = shapes.get(f"{lower}.weight"), shapes.get(f"{upper}.weight")
        if a is None and b is None:
            return self._multiplied(shapes.get(_matrix(lower)), shapes.get(_matrix(upper)))
        if a is None or b is None or len(a) < 2 or len(b) < 2:
            return False
        if len(a) > 2 and len(b) > 2:
            pointwise = max(a[2:]) == 1 or max(b[2:]) == 1
            depthwise = b[1] == 1
            if pointwise or depthwise:
                return False
        if len(a) == len(b) == 2 and a[0] < min(a[1], b[0]):
            return False  # a low-rank factor
        return trace.place(lower) is not None

    @staticmethod
    def _multiplied(a: tuple[int, ...] | None, b: tuple[int, ...] | None) -> bool:
        """Matrices that the script multiplies with itself: which side is the input is not known, but the size that both share is."""
        if a is None or b is None or len(a) != 2 or len(b) != 2:
            return False
        outer = [(a[1 - i], b[1 - j]) for i in (0, 1) for j in (0, 1) if a[i] == b[j]]
        shared = [a[i] for i in (0, 1) for j in (0, 1) if a[i] == b[j]]
        return bool(shared) and all(size >= min(ends) for size, ends in zip(shared, outer, strict=True))  # else a low-rank factor


def _matrix(place: str) -> str:
    """Name of the weights of a place like "matmul(weights.0)"."""
    return place.removeprefix("matmul(").partition(")")[0] if place.startswith("matmul(") else ""
