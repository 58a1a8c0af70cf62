from __future__ import annotations

from typing import TYPE_CHECKING, Any

from unstuck.attach.surgery import Reinitialise
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    import torch
    from torch import nn

    from unstuck.training import Training


class LsuvInit(Reinitialise):
    """Scale the starting weights by the data until every layer's output has variance 1.

    ## What it changes
    Weights become orthogonal and biases 0; at the first training batch every linear and convolution weight is divided by the standard
    deviation of that layer's output, from the input to the output.
    ## When it helps
    Whatever the activation, the depth or the scale of the inputs: no formula has to fit the layer. Good against weights of a wrong scale.
    ## What it can cost
    Pretrained weights are lost. It takes two forward passes per layer once; it looks at one batch only; later drift is not its business.
    """

    zh = """用数据缩放初始权重，直到每层输出的方差为 1。

    ## 改变什么
    权重变为正交，偏置为 0；在第一个训练批次上，从输入到输出，
    把每个线性层和卷积层的权重除以该层输出的标准差。
    ## 何时有效
    不论激活函数、深度或输入尺度：不需要适合该层的公式。对付尺度错误的权重很有效。
    ## 代价
    预训练权重会丢失。一次性地每层多做两次前向计算；只看一个批次；之后的漂移它不管。
    """

    treats = ("bad-init-scale", "exploding-gradient", "vanishing-gradient", "symmetric-init", "degradation", "saturated-activation")
    order = 13

    def fill(self, weight: torch.Tensor, generator: torch.Generator) -> None:
        """Orthogonal first (Mishkin, Matas 2016, "All you need is a good init")."""
        from torch import nn

        nn.init.orthogonal_(weight, generator=generator)

    def apply(self, training: Training) -> None:
        """Orthogonal now, scaled when the first batch comes."""
        from unstuck.attach.layer_hooks import before_first_forward, layers

        super().apply(training)
        start = training.memory[self.id]
        known = {id(weight) for weight, _ in start.weights}
        targets = [m for m in layers(training).values() if id(m.weight) in known]
        for root in training.models:
            before_first_forward(training, root, lambda model, args, kwargs: scale_layers(model, args, kwargs, targets))

    def advice(self, facts: Facts) -> Text:
        """In words: it needs data."""
        return Text(
            "before training, layer by layer on one batch: layer.weight /= std(layer output)",
            "训练前，用一个批次逐层执行：layer.weight /= std(该层输出)",
        )


def scale_layers(model: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], targets: list[nn.Module]) -> None:
    """Divide every weight by the standard deviation of its layer's output, twice, in the order in which the layers are called."""
    import torch

    from unstuck.attach.layer_hooks import undisturbed

    def unit_variance(layer: nn.Module, _: Any, output: torch.Tensor) -> torch.Tensor:
        std = float(output.std())
        if 1e-8 < std < 1e8:
            layer.weight.div_(std)  # type: ignore[operator]
            return output / std  # the layers behind it see the scaled signal in the same pass
        return output

    inside = {id(m) for m in model.modules()}
    handles = [layer.register_forward_hook(unit_variance, prepend=True) for layer in targets if id(layer) in inside]
    try:
        with undisturbed(model), torch.no_grad():
            for _ in range(2):
                model.forward(*args, **kwargs)
    finally:
        for handle in handles:
            handle.remove()
