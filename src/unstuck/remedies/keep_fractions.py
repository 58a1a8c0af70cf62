from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import SourceChange
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft


class KeepFractions(SourceChange):
    """Keep what stands behind the decimal point of the inputs.

    ## What it changes
    In the script's source: casts of data to small whole-number types become float32, `x.int().float()` becomes `x.float()`, and a division of grey
    levels by 255 or 256 is no longer rounded down. Nothing can be injected: it is tried as a change of the script.
    ## When it helps
    Inputs that were scaled to -1..1 and then cast to whole numbers, or `img // 255`: nearly all of them are 0 afterwards.
    ## What it can cost
    Four times the memory of a table of bytes.
    """

    zh = """保留输入的小数部分。

    ## 改变什么
    修改脚本源码：把数据转换为小整数类型的语句改为 float32，`x.int().float()` 改为 `x.float()`，灰度除以 255 或 256 时不再向下取整。
    这无法注入，只能以修改脚本的方式尝试。
    ## 何时有效
    输入先缩放到 -1..1 再转换为整数，或写成 `img // 255`：之后几乎全部为 0。
    ## 代价
    内存是字节表的四倍。
    """

    treats = ("bad-input-values",)
    touches = "data"
    order = 5

    def edit(self, draft: Draft) -> None:
        """Where it is written."""
        from unstuck.edits.fractions import keep_fractions

        keep_fractions(draft)

    def advice(self, facts: Facts) -> Text:
        """The pattern."""
        line = "(x / 16).astype(np.uint8)  ->  (x / 16).astype(np.float32); img // 255  ->  img / 255"
        return Text(line, line)
