from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.attach.surgery import CannotApply
from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    from unstuck.edits.source import Draft
    from unstuck.training import Training


class ForgetGateBias(Remedy):
    """Start the forget gates of LSTM and GRU layers open, so that they remember.

    ## What it changes
    The bias of every LSTM's forget gate and every GRU's update gate is set to 2 (input bias 2, hidden bias 0). Nothing else moves.
    ## When it helps
    Sequences longer than a few dozen steps: with PyTorch's bias near 0 the gate starts at 0.5, so half of the memory is lost at every step
    and the gradient to early steps vanishes.
    ## What it can cost
    Where the past does not matter, the network must first learn to forget.
    """

    zh = """让 LSTM 和 GRU 的遗忘门一开始就打开，使其记住过去。

    ## 改变什么
    每个 LSTM 的遗忘门和每个 GRU 的更新门的偏置设为 2（输入偏置 2，隐藏偏置 0）。
    其余不变。
    ## 何时有效
    长度超过几十步的序列：PyTorch 的偏置接近 0，门从 0.5 开始，每一步丢失一半记忆，
    传到早期时间步的梯度消失。
    ## 代价
    如果过去并不重要，网络必须先学会遗忘。
    """

    treats = ("long-range-dependency", "vanishing-gradient")
    touches = "weights"
    order = 8

    opening: float = 2.0  # sigmoid(2) = 0.88; our choice between 1 (Jozefowicz et al. 2015) and 5, see experiment gates-and-time

    def precondition(self, facts: Facts) -> Text | None:
        """There is a gated layer."""
        gated = any(p.kind.startswith(("LSTM", "GRU")) for p in facts.places)
        return None if gated or not facts.places else Text("The model has no LSTM or GRU layer.", "模型没有 LSTM 或 GRU 层。")

    def apply(self, training: Training) -> None:
        """Rows H to 2H of the stacked biases belong to the forget gate (LSTM) and to the update gate (GRU)."""
        import torch
        from torch import nn

        from unstuck.attach.layer_hooks import before_first_forward
        from unstuck.attach.starting_weights import Start

        start = Start()
        with torch.no_grad():
            for module in training.modules().values():
                if not isinstance(module, (nn.LSTM, nn.GRU, nn.LSTMCell, nn.GRUCell)):
                    continue
                for name, bias in module.named_parameters(recurse=False):
                    if name.startswith("bias"):
                        bias[module.hidden_size : 2 * module.hidden_size] = self.opening if name.startswith("bias_ih") else 0.0
                        start.add(bias)
        if not start.weights:
            raise CannotApply("The model has no LSTM or GRU layer with biases.")
        for root in training.models:
            before_first_forward(training, root, start.check)
        training.memory[self.id] = start

    def in_force(self, training: Training) -> bool | None:
        """Training began with the gates open."""
        start = training.memory.get(self.id)
        return None if start is None else start.in_force()

    def edit(self, draft: Draft) -> None:
        """Behind the line that builds the model."""
        from unstuck.edits.starts import open_gates

        open_gates(draft, self.opening)

    def advice(self, facts: Facts) -> Text:
        """The lines."""
        line = f"lstm.bias_ih_l0.data[H:2 * H] = {self.opening:g}; lstm.bias_hh_l0.data[H:2 * H] = 0  # H = hidden_size"
        return Text(line, line)
