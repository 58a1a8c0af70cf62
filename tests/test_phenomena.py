"""Every illness of the handbook: its rule fires, its healthy twin is silent, its remedy works; and the lists that the handbook has to keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest

from unstuck import lab, pages, phenomenon, plugins, topics
from unstuck.lab import Claim
from unstuck.phenomenon import Phenomenon, half_moons, plain_net, training_on
from unstuck.records import Text

if TYPE_CHECKING:
    from unstuck.training import Training

TOPICS = topics.topics()
CLAIMS: list[type[Claim]] = [kind for topic in TOPICS.values() for kind in topic.claims()]
PHENOMENA = [kind for kind in CLAIMS if issubclass(kind, Phenomenon)]
#: Illnesses that have to be shown with a healthy twin and a remedy that works.
WITH_REMEDY = {
    "vanishing-gradient", "exploding-gradient", "dead-units", "saturated-activation", "symmetric-init", "bad-init-scale", "lr-too-high", "lr-too-low",
    "momentum-too-high", "overfitting", "over-regularised", "class-imbalance", "inputs-not-normalised", "targets-not-normalised", "bad-input-values",
    "long-range-dependency", "non-finite", "loss-output-mismatch", "missing-nonlinearity", "missing-zero-grad", "blocked-gradient", "clipping-too-tight",
    "schedule-misuse", "not-shuffled", "batchnorm-misuse", "train-mode-missing", "eval-mode-missing",
}  # fmt: skip
#: Part 6 of the coverage list: what two source documents say, and the topic that shows both and measures.
CONTRADICTIONS = {
    "squared L2 or its root": ("l1-and-l2", ("S0-13", "S0-28", "S4-06"), "the-l2-penalty-is-the-root-of-the-sum"),
    "shrink the model or regularise": ("overfitting-cures", ("S4-56", "S2-69"), "rather-regularise-than-shrink"),
    "large or small batches": ("batch-size", ("S4-51", "S2-55"), "small-batches-generalise-better"),
    "softmax inside the net": ("softmax", ("S2-37", "S2-59"), "softmax-has-no-nonlinearity"),
    "leaky slope 0.01 or 0.1": ("activation-catalogue", ("S2-26",), "leaky-relu-has-the-gradient-one-tenth"),
    "exponents of softmax": ("softmax", ("S2-35", "S2-62"), "softmax-is-not-differentiable-at-zero"),
    "1/n, 2/n or torch's 1/(3n)": ("representation-collapse", ("S3-04",), "divide-by-root-n"),
    "larger rate or other structure": ("lr-cannot-cure-vanishing", ("S3-13",), "structure-cures-in-the-same-budget"),
    "regularise or initialise": ("weight-decay", ("S0-12", "S4-34"), "weight-decay-stops-an-explosion"),
}


def name(kind: type[Claim]) -> str:
    return f"{kind().topic}/{kind().id}"


@pytest.mark.parametrize("kind", PHENOMENA, ids=name)
def test_a_phenomenon_names_what_exists_and_its_page_leads_there(kind: type[Phenomenon]) -> None:
    causes = {rule.root_cause for rule in plugins.rules().values()}
    assert set(kind.sees) <= causes and set(kind.remedies) <= set(plugins.remedies())
    treats = {cause for remedy in kind.remedies for cause in plugins.remedies()[remedy].treats}
    assert not kind.remedies or treats & set(kind.sees), "the remedy does not claim to treat this"
    for lang in topics.HEADINGS:
        links = TOPICS[kind().topic].links(lang)
        assert any(("rule", cause) in links for cause in kind.sees), f"{lang}: no link to the rule"
        assert [r for r in kind.remedies if ("remedy", r) not in links] == [], lang


def test_every_illness_of_the_list_is_shown() -> None:
    assert sorted(WITH_REMEDY - {cause for kind in PHENOMENA if kind.remedies for cause in kind.sees}) == []


def test_every_experiment_of_the_coverage_list_is_rebuilt() -> None:
    rebuilt = {kind.experiment for kind in CLAIMS if kind.experiment}
    assert sorted({f"X{n:02d}" for n in range(1, 49)} - rebuilt) == []


@pytest.mark.parametrize("subject", CONTRADICTIONS)
def test_contradictions_are_shown_side_by_side_and_measured(subject: str) -> None:
    topic, rows, claim = CONTRADICTIONS[subject]
    for lang in topics.HEADINGS:
        assert set(rows) <= set(topics.cited(TOPICS[topic].page(lang))), lang
    assert claim in {topics.identity(kind) for kind in TOPICS[topic].claims()}


# ---------------------------------------------------------------------------------------------------------- the form


@dataclass(frozen=True)
class TooSmallSteps(Phenomenon):
    """A learning rate of nearly nothing.

    ## The set-up
    Moons.
    ## Why
    To test the form.
    """

    rows = ("S0-01",)
    fault = Text("A rate of nothing", "近乎为零的学习率")
    sees = ("lr-too-low",)
    remedies = ("adam",)
    steps: int = 60

    def faulty(self, seed: int) -> Training:
        return self.net(seed, 1e-6)

    def healthy(self, seed: int) -> Training:
        return self.net(seed, 0.05)

    @staticmethod
    def net(seed: int, lr: float) -> Training:
        import torch

        torch.manual_seed(seed)
        return training_on(plain_net([2, 16, 2], torch.nn.Tanh), half_moons(seed, 200), lr=lr, seed=seed)


def test_a_phenomenon_is_measured(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    (result,) = lab.run([TooSmallSteps], seeds=1, keep=False)
    assert result.error == "" and result.measured["first_in_faulty"][0] == 1 and result.measured["alarms_in_healthy"][0] == 0
    assert result.measured["loss_faulty"].shape == (1, 60) and np.isfinite(result.measured["loss_faulty"]).all()
    assert result.measured["score_treated"][0] > result.measured["score_faulty"][0]
    assert "lr-too-low" in TooSmallSteps.rule.en and "adam" in TooSmallSteps.statement.zh


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, "holds"),
        ({"first_in_faulty": [1, 0]}, "fails as stated"),
        ({"alarms_in_healthy": [0, 1]}, "fails as stated"),
        ({"score_treated": [0.9, 0.6]}, "fails as stated"),  # less than half of what was lost
        ({"score_faulty": [0.5, 0.93]}, "fails as stated"),  # nothing to cure
        ({"still_found_in_treated": [1, 1]}, "holds"),
    ],
)
def test_the_pass_rule(change: dict[str, list[float]], verdict: str) -> None:
    measured = {
        "first_in_faulty": [1, 1], "alarms_in_healthy": [0, 0], "still_found_in_treated": [0, 0],
        "score_faulty": [0.5, 0.5], "score_healthy": [0.95, 0.95], "score_treated": [0.9, 0.9],
    } | change  # fmt: skip
    assert TooSmallSteps().judge({k: np.array(v, dtype=float) for k, v in measured.items()}) == verdict


def test_scores() -> None:
    import torch

    training = training_on(plain_net([2, 1], torch.nn.ReLU), (torch.randn(40, 2), torch.full((40, 1), 3.0) + torch.randn(40, 1)))
    assert phenomenon.accuracy(training) == 0.0, "worse than the mean is no skill"
    with torch.no_grad():
        training.model[0].weight.fill_(float("nan"))  # type: ignore[index]
    assert phenomenon.accuracy(training) == 0.0


@pytest.mark.filterwarnings("ignore:Seems like `optimizer.step:UserWarning")  # a remedy stands around the step of a scheduled optimizer
@pytest.mark.slow
@pytest.mark.parametrize("kind", PHENOMENA, ids=name)
def test_rule_fires_twin_is_silent_remedy_works(kind: type[Phenomenon]) -> None:
    (result,) = lab.run([kind], seeds=1, quick=True, keep=False)
    said = {n: v.tolist() for n, v in result.measured.items() if v.ndim == 1}
    assert result.verdict == "holds", (result.error, said)


# --------------------------------------------------------------------------------------------- finding a page by words


@pytest.mark.parametrize("page", pages.symptoms())
def test_symptoms_lead_to_their_page(page: str) -> None:
    word, _colon, target = page.partition(":")
    for said in pages.symptoms()[page]:
        found = pages.find(said)[0]
        assert found.plugin.id == target or target in found.causes or said in _names(), f"{said}: {found.plugin.id}"
        assert word in pages.KINDS


def _names() -> set[str]:
    return {spoken for lang in topics.HEADINGS for spoken in pages._names(lang)}


#: Said otherwise than in `symptoms.toml`, and the page that has to be among the first three.
QUERIES = {
    "why does my loss become nan after some steps": "non-finite-and-dtype-range",
    "training loss is not decreasing": "training-tricks",
    "my network doesn't learn anything": "training-tricks",
    "validation loss rising while training loss falls": "overfitting-cures",
    "accuracy stuck at 50 %": "cross-entropy-and-likelihood",
    "loss keeps oscillating": "sharpness-and-learning-rate",
    "gradients exploding in rnn": "exploding-gradient",
    "model always predicts one class": "class-imbalance",
    "minority class ignored": "class-imbalance",
    "how do I choose batch size": "batch-size",
    "do I need softmax before crossentropyloss": "logits-and-stable-losses",
    "what is the difference between adam and adamw": "weight-decay",
    "neurons that always output zero": "dead-relu",
    "should data be standardised": "input-scaling",
    "deep network worse than shallow": "residual-connections",
    "cuda out of memory": "gradient-accumulation",
    "derive backpropagation": "backpropagation",
    "why cross entropy instead of mse": "cross-entropy-vs-mse",
    "stuck in local minima": "non-convexity",
    "l1 vs l2": "l1-and-l2",
    "训练的时候loss不降": "training-tricks",
    "loss变成nan了怎么办": "non-finite-and-dtype-range",
    "验证集损失一直上升": "overfitting-cures",
    "准确率卡在50%": "cross-entropy-and-likelihood",
    "损失一直震荡不收敛": "sharpness-and-learning-rate",
    "模型总是预测同一个类别": "class-imbalance",
    "正负样本不均衡怎么处理": "class-imbalance",
    "学习率应该设多大": "sharpness-and-learning-rate",
    "显存溢出": "gradient-accumulation",
    "网络加深后效果反而变差": "residual-connections",
    "神经元输出一直为零": "dead-relu",
    "为什么要用交叉熵": "cross-entropy-vs-mse",
    "反向传播怎么推导": "backpropagation",
    "L1正则和L2正则有什么区别": "l1-and-l2",
    "权重能不能全部初始化为零": "weight-initialisation",
    "为什么需要激活函数": "linear-stack",
    "训练集准确率很高但测试集很低": "overfitting-cures",
    "lstm如何避免梯度消失": "gated-recurrence",
    "批归一化的作用": "batch-norm",
    "早停": "early-stopping",
}


@pytest.mark.parametrize("query", QUERIES)
def test_plain_words_find_the_page(query: str) -> None:
    assert QUERIES[query] in [entry.plugin.id for entry in pages.find(query)[:3]]
