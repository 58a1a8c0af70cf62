from __future__ import annotations

from typing import TYPE_CHECKING

from unstuck.plugins import Remedy
from unstuck.records import Facts, Text

if TYPE_CHECKING:
    import torch

    from unstuck.edits.source import Draft
    from unstuck.training import Training


class TrainAllParameters(Remedy):
    """Train every parameter of the model: let it have a gradient, and give it to the optimizer.

    ## What it changes
    `requires_grad` becomes true for every parameter, and those that no optimizer holds are added to the first group; so are parameters that
    have a gradient before the first steps and are in no optimizer.
    ## When it helps
    Layers frozen by mistake, an optimizer built from one part of the model, layers kept in a plain list, a head that was replaced after the
    optimizer was built.
    ## What it can cost
    Layers that were frozen on purpose (a pretrained backbone) move. A `detach()` or `no_grad()` inside the forward pass is not cured.
    """

    zh = """训练模型的每一个参数：让它有梯度，并交给优化器。

    ## 改变什么
    每个参数的 `requires_grad` 变为真，没有优化器持有的参数加入第一组；头几步之前已有梯度却不在任何优化器中的参数也一样。
    ## 何时有效
    误冻结的层、只用模型一部分构造的优化器、放在普通列表里的层、优化器构造之后才替换的输出层。
    ## 代价
    有意冻结的层（预训练主干）也会动。前向计算里的 `detach()` 或 `no_grad()` 治不了。
    """

    treats = ("blocked-gradient",)
    touches = "optimizer"
    order = 5

    def precondition(self, facts: Facts) -> Text | None:
        """Some parameter is not trained."""
        given = facts.parameters and all(p.requires_grad and p.optimizer is not None for p in facts.parameters)
        if given and not facts.notes.get("parameters.orphans"):
            return Text("Every parameter is given to an optimizer already.", "每个参数都已交给优化器。")
        return None

    def apply(self, training: Training) -> None:
        """Parameters that the watched run saw in some optimizer are left to that one."""
        from unstuck.attach.parameter_groups import adopt_reached

        frozen = [p for root in training.models for p in root.parameters() if p.is_floating_point() and not p.requires_grad]
        for parameter in frozen:
            parameter.requires_grad_(True)
        training.add_parameters(left_out(training))
        training.memory[self.id] = frozen, adopt_reached(training)

    def in_force(self, training: Training) -> bool | None:
        """All have a gradient, and an optimizer."""
        frozen, adopted = training.memory.get(self.id, ((), ()))
        if not left_out(training) and not frozen and not adopted:
            return False
        # An optimizer of a later stage may have adopted them.
        held = {id(p) for o in training.optimizers for group in o.param_groups for p in group["params"]} | {id(p) for p in adopted}
        return all(p.requires_grad for p in frozen) and all(p.requires_grad and id(p) in held for p in left_out(training))

    def edit(self, draft: Draft) -> None:
        """Where gradients are taken off, and where the optimizer is built."""
        from unstuck.edits.groups import train_all

        train_all(draft)

    def advice(self, facts: Facts) -> Text:
        """The first parameters that are left out."""
        left = [p.name for p in facts.parameters if p.optimizer is None or not p.requires_grad]
        names = f" ({', '.join(left[:3])}{', ...' if len(left) > 3 else ''})" if left else ""
        return Text(f"give model.parameters() to the optimizer{names}", f"把 model.parameters() 交给优化器{names}")


def left_out(training: Training) -> list[torch.nn.Parameter]:
    """Floating-point parameters that no optimizer of the watched run held; all of them where there was no such run."""
    from unstuck.attach.layer_hooks import names_in_facts

    held = {p.name for p in training.facts.parameters if p.optimizer is not None} if training.facts is not None else set()
    found: dict[int, torch.nn.Parameter] = {}
    for name, module in names_in_facts(training).items():
        for key, parameter in module._parameters.items():
            if parameter is not None and parameter.is_floating_point() and f"{name}.{key}" not in held:
                found[id(parameter)] = parameter
    return list(found.values())
