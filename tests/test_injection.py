"""Remedies put into running scripts: the measured demonstrations of the feasibility study, and every trap that it names."""

from __future__ import annotations

import copy
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch.optim import Optimizer
from torch.optim.optimizer import register_optimizer_step_pre_hook
from torch.utils.data import DataLoader
from victims import DATA, DOUBLE_SOFTMAX, FUNCTIONAL, NO_ZERO_GRAD, SIGMOID, SQUARED_SOFTMAX, late, run, watched

from unstuck import plugins
from unstuck.attach.injection import Injection, RemedyFailed, treat
from unstuck.attach.streams import split_random_streams
from unstuck.attach.surgery import CannotApply
from unstuck.records import Facts
from unstuck.training import Training


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


PLAIN = (
    DATA
    + """
m = nn.Sequential(nn.Linear(20, 32), nn.Sigmoid(), nn.Linear(32, 2))
opt = torch.optim.SGD({params}, lr=.05, momentum=.9)
for e in range(EPOCHS):
    for x, y in loader:
        opt.zero_grad()
        loss = F.cross_entropy(m(x), y)
        loss.backward()
        opt.step()
        losses.append(loss.item())
"""
)


# --------------------------------------------------------------------------------------------------- demonstrations


@pytest.mark.parametrize(
    ("script", "remedies", "low", "high"),
    [
        (SIGMOID, (), 0.68, 0.71),
        (SIGMOID, ("relu",), 0.68, 0.71),
        (SIGMOID, ("higher-lr",), 0.68, 0.71),
        (SIGMOID, ("clip-gradient-norm",), 0.68, 0.71),
        (SIGMOID, ("relu", "he-init"), 0.0, 0.1),
        (SIGMOID, ("he-init", "relu"), 0.0, 0.1),
        (SIGMOID, ("batch-norm",), 0.0, 0.3),
        (FUNCTIONAL, ("relu",), 0.68, 0.71),
        (FUNCTIONAL, ("relu", "he-init"), 0.0, 0.1),
        (FUNCTIONAL, ("batch-norm",), 0.0, 0.3),
        (NO_ZERO_GRAD, (), 0.8, 1e9),
        (NO_ZERO_GRAD, ("zero-grad", "standardise-inputs"), 0.0, 0.3),
    ],
)
def test_a_remedy_does_what_was_measured(script: str, remedies: tuple[str, ...], low: float, high: float) -> None:
    variables, injection = run(script, remedies)
    assert low <= late(variables["losses"]) <= high
    assert variables["in_force"] is (True if remedies else None)
    assert not injection.errors


@pytest.mark.parametrize(("script", "remedy", "gain"), [(DOUBLE_SOFTMAX, "remove-softmax", 0.03), (SQUARED_SOFTMAX, "cross-entropy", 0.03)])
def test_a_loss_that_fits_the_output_gains_accuracy(script: str, remedy: str, gain: float) -> None:
    control, treated = run(script)[0], run(script, [remedy])[0]
    assert treated["score"] > control["score"] + gain
    assert treated["in_force"]


def test_facts_of_a_watched_run_name_hidden_calls_gates_and_the_output(tmp_path: Path) -> None:
    facts = watched(FUNCTIONAL, tmp_path)
    after = watched(FUNCTIONAL, tmp_path, ["prelu"], facts=facts)
    kinds = [
        p.kind.removeprefix("functional ") for p in after.places if p.kind.removeprefix("functional ") in ("prelu", "PReLU", "sigmoid")
    ]
    assert kinds[-3:] == ["sigmoid"] * 3  # the two gated ones and the output
    assert len(kinds) == 10 and "sigmoid" not in kinds[:7]
    assert after.models == ("N",)  # the new activation is no model of its own


def test_modules_are_swapped_by_role(tmp_path: Path) -> None:
    for facts in (None, watched(SIGMOID, tmp_path)):
        model = run(SIGMOID, ["relu"], epochs=1, facts=facts)[0]["m"]
        assert [type(m).__name__ for m in model if not isinstance(m, torch.nn.Linear)] == ["ReLU"] * 8 + ["Sigmoid"]


# --------------------------------------------------------------------------------------------------- pairs


def test_data_order_is_the_same_in_control_and_treated() -> None:
    orders = [
        run(SIGMOID, remedies, epochs=2, split=True)[0]["order"] for remedies in ((), ("relu", "he-init"), ("dropout",), ("batch-norm",))
    ]
    assert all(order == orders[0] for order in orders)


NOISY = SIGMOID.replace("loss = crit(m(x)", "loss = crit(m(F.dropout(x, .1))")


def test_split_streams_keep_the_order_where_the_script_itself_draws() -> None:
    quiet = NOISY.replace("F.dropout(x, .1)", "x")
    assert run(NOISY, epochs=2)[0]["order"] != run(quiet, epochs=2)[0]["order"]
    assert run(NOISY, epochs=2, split=True)[0]["order"] == run(quiet, epochs=2, split=True)[0]["order"]


def test_split_streams_leave_the_first_stream_where_it_was() -> None:
    torch.manual_seed(3)
    before = torch.get_rng_state()
    streams = split_random_streams(7)
    first = [list(DataLoader(list(range(20)), batch_size=5, shuffle=True)) for _ in range(2)]
    streams.uninstall()
    assert torch.equal(before, torch.get_rng_state())
    streams = split_random_streams(7)
    again = [list(DataLoader(list(range(20)), batch_size=5, shuffle=True)) for _ in range(2)]
    streams.uninstall()
    assert str(first) == str(again) and str(first[0]) != str(first[1])


def test_equal_arms_are_equal_to_the_last_bit() -> None:
    for remedies in ((), ("relu", "he-init"), ("dropout", "batch-norm")):
        one, two = (run(SIGMOID, remedies, epochs=1, split=True)[0] for _ in range(2))
        assert one["losses"] == two["losses"]


# --------------------------------------------------------------------------------------------------- what optimizers are given


@pytest.mark.parametrize(
    "params",
    [
        "m.parameters()",
        "list(m.parameters())",
        "m.named_parameters()",
        "[{'params': m.parameters()}]",
        "[{'params': m.named_parameters()}]",
    ],
)
def test_parameters_may_be_given_in_any_form(params: str) -> None:
    variables, _ = run(PLAIN.replace("{params}", params), ["batch-norm"], epochs=2)
    held = {id(p) for group in variables["opt"].param_groups for p in group["params"]}
    assert held == {id(p) for p in variables["m"].parameters()}
    assert variables["in_force"]
    assert all("param_names" not in g or len(g["param_names"]) == len(g["params"]) for g in variables["opt"].param_groups)


def test_new_parameters_go_to_the_group_of_their_layer() -> None:
    groups = "[{'params': m[2].parameters(), 'lr': .5}, {'params': m[0].parameters(), 'lr': .1}]"
    variables, _ = run(PLAIN.replace("{params}", groups), ["batch-norm"], epochs=1)
    norm = variables["m"][0]._unstuck_norm
    assert any(p is norm.weight for p in variables["opt"].param_groups[1]["params"])
    assert len(variables["opt"].param_groups[0]["params"]) == 2


GAN = (
    DATA
    + """
G = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 20))
D = nn.Sequential(nn.Linear(20, 16), nn.Tanh(), nn.Linear(16, 1))
og = torch.optim.Adam(G.parameters(), lr=1e-3)
od = torch.optim.Adam(D.parameters(), lr=1e-3)
for x, _ in loader:
    fake = G(torch.randn(len(x), 4))
    od.zero_grad()
    (F.softplus(-D(x)).mean() + F.softplus(D(fake.detach())).mean()).backward()
    od.step()
    og.zero_grad()
    F.softplus(-D(fake)).mean().backward()
    og.step()
"""
)


def test_every_optimizer_of_a_gan_is_treated_once(tmp_path: Path) -> None:
    for facts in (None, watched(GAN, tmp_path)):
        rates: dict[int, set[float]] = {}
        handle = register_optimizer_step_pre_hook(
            lambda o, a, k, rates=rates: rates.setdefault(id(o), set()).update(g["lr"] for g in o.param_groups)
        )
        variables, injection = run(GAN, ["relu", "layer-norm", "lower-lr"], facts=facts)
        handle.remove()
        assert variables["in_force"] and not injection.errors
        assert [len(rates[id(variables[o])]) for o in ("og", "od")] == [1, 1] and all(
            abs(next(iter(r)) - 1e-4) < 1e-9 for r in rates.values()
        )
        for model, optimizer in (("G", "og"), ("D", "od")):
            names = [type(m).__name__ for m in variables[model].modules()]
            assert names.count("LayerNorm") == 1 and names.count("ReLU") == 1
            held = {id(p) for g in variables[optimizer].param_groups for p in g["params"]}
            assert held == {id(p) for p in variables[model].parameters()}


CLOSURE = (
    DATA
    + """
m = nn.Sequential(nn.Linear(20, 8), nn.Tanh(), nn.Linear(8, 2))
opt = torch.optim.LBFGS(m.parameters(), lr=.1, max_iter=4)
norms = []
def closure():
    opt.zero_grad()
    loss = 100 * F.cross_entropy(m(X), Y)
    loss.backward()
    return loss
for e in range(3):
    losses.append(opt.step(closure).item())
norm = float(torch.stack([p.grad.norm() for p in m.parameters()]).norm())
"""
)


def test_gradients_of_a_closure_are_clipped() -> None:
    assert run(CLOSURE)[0]["norm"] > 1.5
    variables, _ = run(CLOSURE, ["clip-gradient-norm", "lower-lr"])
    assert variables["norm"] <= 1.0 + 1e-4 and variables["in_force"]
    assert variables["opt"].param_groups[0]["lr"] == 0.1  # the script's own rate is put back


SCHEDULES = (
    DATA
    + """
m = nn.Linear(20, 2)
opt = torch.optim.SGD(m.parameters(), lr=.1)
{make}
used = []
for e in range(2):
    for x, y in loader:
        opt.zero_grad()
        F.cross_entropy(m(x), y).backward()
        opt.step()
        {step}
"""
)


@pytest.mark.parametrize(
    ("make", "step"),
    [
        ("s = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=.2, total_steps=40)", "s.step()"),
        ("s = torch.optim.lr_scheduler.StepLR(opt, 5, .5)", "s.step()"),
        ("s = torch.optim.lr_scheduler.LambdaLR(opt, lambda t: 1 / (1 + t))", "s.step()"),
        ("n = 0", "n += 1; opt.param_groups[0]['lr'] = .1 / n"),
    ],
)
def test_a_schedule_cannot_undo_the_learning_rate(make: str, step: str) -> None:
    script = SCHEDULES.replace("{make}", make).replace("{step}", step)
    rates: dict[str, list[float]] = {}
    for remedy in ("", "higher-lr", "constant-lr"):
        seen = rates[remedy] = []
        handle = register_optimizer_step_pre_hook(lambda o, a, k, seen=seen: seen.append(float(o.param_groups[0]["lr"])))
        variables, _ = run(script, [remedy] if remedy else [])
        handle.remove()
        assert variables["in_force"] is (True if remedy else None)
    assert rates["higher-lr"] == pytest.approx([10 * r for r in rates[""]])
    assert rates["constant-lr"] == pytest.approx([0.1] * len(rates[""]))


def test_schedule_per_epoch_passes_over_steps_within_an_epoch() -> None:
    script = SCHEDULES.replace("{make}", "s = torch.optim.lr_scheduler.StepLR(opt, 1, .5)").replace(
        "{step}", "s.step(); used.append(s.get_last_lr()[0])"
    )
    assert run(script)[0]["used"][-1] == pytest.approx(0.1 * 0.5**32)
    variables, _ = run(script, ["schedule-per-epoch"])
    assert variables["used"] == pytest.approx([0.1] * 15 + [0.05] * 16 + [0.025]) and variables["in_force"]


BY_HAND = (
    DATA
    + """
m = nn.Sequential(*[q for i in range(6) for q in (nn.Linear(20 if i == 0 else 32, 32), nn.Sigmoid())], nn.Linear(32, 2))
for e in range(EPOCHS):
    for x, y in loader:
        loss = F.cross_entropy(m(x), y)
        grads = torch.autograd.grad(loss, list(m.parameters()))
        with torch.no_grad():
            for p, g in zip(m.parameters(), grads):
                p -= .2 * g
        losses.append(loss.item())
"""
)


def test_a_script_without_an_optimizer_is_treated_at_the_first_batch() -> None:
    assert late(run(BY_HAND, epochs=6)[0]["losses"]) > 0.6
    variables, _ = run(BY_HAND, ["relu", "he-init"], epochs=6)
    assert late(variables["losses"]) < 0.2 and variables["in_force"]
    treated = run(BY_HAND, ["standardise-inputs"], epochs=1)[0]
    assert treated["in_force"]
    assert treated["losses"][0] != run(BY_HAND, epochs=1)[0]["losses"][0]  # already in the very first pass


def test_without_an_optimizer_only_changes_in_place_count() -> None:
    variables, injection = run(BY_HAND, ["batch-norm"], epochs=1)
    assert variables["in_force"] is False and "given to no optimizer" in injection.errors[0]
    variables, injection = run(BY_HAND, ["lower-lr"], epochs=1)
    assert variables["in_force"] is False and "never applied" in injection.errors[0] and injection.out_of_reach


# --------------------------------------------------------------------------------------------------- an untreated arm is no treated one


def test_a_remedy_that_does_not_fit_ends_the_arm() -> None:
    script = PLAIN.replace("nn.Sequential(nn.Linear(20, 32), nn.Sigmoid(), nn.Linear(32, 2))", "nn.Linear(20, 2)").replace(
        "{params}", "m.parameters()"
    )
    with pytest.raises(RemedyFailed, match="batch-norm: The model has no hidden"):
        run(script, ["batch-norm"])


def test_an_error_that_the_script_swallows_is_kept() -> None:
    script = DATA + "m = nn.Linear(20, 2)\ntry:\n    opt = torch.optim.SGD(m.parameters(), lr=.1)\nexcept Exception:\n    pass\n"
    variables, injection = run(script, ["batch-norm"])
    assert variables["in_force"] is False and "no hidden" in injection.errors[0]


def test_a_checkpoint_loaded_over_new_weights_is_noticed() -> None:
    script = PLAIN.replace("{params}", "m.parameters()").replace("for e in range", "m.load_state_dict(kept)\nfor e in range", 1)
    script = script.replace("opt = ", "import copy; kept = copy.deepcopy(m.state_dict())\nopt = ")
    assert run(script, ["he-init"], epochs=1)[0]["in_force"] is False
    assert run(script.replace("m.load_state_dict(kept)", "pass"), ["he-init"], epochs=1)[0]["in_force"] is True


def test_no_hidden_activation_is_a_failure_also_when_it_shows_late() -> None:
    script = PLAIN.replace("nn.Sigmoid(), ", "").replace("{params}", "m.parameters()")
    with pytest.raises(Exception, match="no hidden activation"):
        run(script, ["relu"], epochs=1)


# --------------------------------------------------------------------------------------------------- good manners


def test_uninstall_takes_everything_back() -> None:
    names = ("cross_entropy", "mse_loss", "nll_loss", "dropout", "binary_cross_entropy")

    def state() -> list[Any]:
        from torch.optim.lr_scheduler import LRScheduler
        from torch.utils.data.dataloader import _BaseDataLoaderIter

        owned = [
            Optimizer.__init__,
            DataLoader.__init__,
            DataLoader.__iter__,
            _BaseDataLoaderIter.__next__,
            LRScheduler.step,
            torch.nn.Module.__init__,
        ]
        return [*owned, torch.nn.utils.clip_grad_norm_, *(getattr(F, n) for n in names)]

    before = state()
    injection = Injection([r for r in plugins.remedies().values() if r.moment == "start"], Facts(batch_size=8), 0)
    injection.install()
    injection.split_random_streams()
    assert any(a is not b for a, b in zip(state(), before, strict=True))
    injection.uninstall()
    assert all(a is b for a, b in zip(state(), before, strict=True))


@pytest.mark.parametrize("remedies", [("prelu", "batch-norm", "standardise-inputs"), ("dropout", "residual"), ("input-noise", "eval-mode")])
def test_a_treated_model_is_pickled_and_copied_with_its_treatment(remedies: tuple[str, ...]) -> None:
    script = DATA + PLAIN.removeprefix(DATA).replace(
        "nn.Linear(20, 32), nn.Sigmoid()", "nn.Linear(20, 32), nn.Sigmoid(), nn.Linear(32, 32), nn.Sigmoid()"
    )

    def check(variables: dict[str, Any], injection: Injection) -> None:
        model = variables["m"].eval()
        x = variables["X"][:8]
        file = io.BytesIO()
        torch.save(model, file)
        file.seek(0)
        for other in (copy.deepcopy(model), torch.load(file, weights_only=False)):
            assert torch.equal(model(x), other(x))

    run(script.replace("{params}", "m.parameters()"), remedies, epochs=1, at_end=check)


def test_a_recipe_is_treated_after_it_was_built() -> None:
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Sigmoid(), torch.nn.Linear(8, 1))
    batch = (torch.randn(16, 4), torch.randn(16, 1))
    training = Training([model], [torch.optim.SGD(model.parameters(), lr=0.1)], torch.nn.MSELoss(), [batch])
    chosen = [plugins.remedies()[name] for name in ("lower-lr", "batch-norm", "prelu", "match-target-shape")]
    treat(training, chosen)
    training.fit(3)
    assert [r.in_force(training) for r in chosen] == [True, True, True, False]  # shapes agreed: nothing to match
    assert {id(p) for p in model.parameters()} == {id(p) for g in training.optimizer.param_groups for p in g["params"]}
    training.undo()


CHECKPOINTED = """
from torch.utils.checkpoint import checkpoint
class N(nn.Module):
    def __init__(s):
        super().__init__()
        s.a, s.b, s.c = nn.Linear(20, 32), nn.Linear(32, 32), nn.Linear(32, 2)
    def segment(s, x):
        return torch.tanh(s.b(torch.tanh(s.a(x))))
    def forward(s, x):
        return s.c(checkpoint(s.segment, x, use_reentrant={reentrant}))
m = N()
opt = torch.optim.SGD(m.parameters(), lr=.1)
X.requires_grad_(True)
F.cross_entropy(m(X), Y).backward()
opt.step()
"""


@pytest.mark.parametrize("reentrant", ["True", "False"])
@pytest.mark.parametrize("remedy", ["relu", "dropout"])
def test_calls_inside_a_checkpointed_segment_are_refused(remedy: str, reentrant: str, tmp_path: Path) -> None:
    script = DATA + CHECKPOINTED.replace("{reentrant}", reentrant)
    with pytest.raises(CannotApply):
        run(script, [remedy])
    facts = watched(script, tmp_path)
    if plugins.remedies()[remedy].precondition(facts) is None:
        with pytest.raises((CannotApply, RemedyFailed)):
            run(script, [remedy], facts=facts)
    assert run(script, ["he-init", "layer-norm"])[0]["in_force"]


def test_a_model_in_a_functional_transform_is_refused() -> None:
    script = DATA + "m = nn.Linear(20, 2)\nw = dict(m.named_parameters())\n"
    script += "g = torch.func.grad(lambda w: F.cross_entropy(torch.func.functional_call(m, w, (X,)), Y))(w)\n"
    variables, injection = run(script, ["he-init"])
    assert variables["in_force"] is False and "functional transform" in injection.errors[0]


def test_a_model_trained_in_two_stages_is_treated_once_in_each_part() -> None:
    script = (
        DATA
        + """
trunk, one, two = nn.Sequential(nn.Linear(20, 32), nn.ReLU()), nn.Linear(32, 2), nn.Linear(32, 2)
for head in (one, two):
    opt = torch.optim.SGD([*trunk.parameters(), *head.parameters()], lr=.1)
    for x, y in loader:
        opt.zero_grad()
        F.cross_entropy(head(trunk(x)), y).backward()
        opt.step()
    losses.append(trunk[0].weight.sum().item())
"""
    )
    for remedy in ("he-init", "lsuv-init", "lower-lr", "adam"):
        variables, injection = run(script, [remedy])
        assert variables["in_force"] and not injection.errors


def test_a_copy_that_would_stay_untreated_is_refused() -> None:
    script = PLAIN.replace("{params}", "m.parameters()").replace("opt =", "import copy; average = copy.deepcopy(m)\nopt =")
    for remedy in ("relu", "standardise-inputs"):
        with pytest.raises(RemedyFailed, match="copy of the model"):
            run(script, [remedy], epochs=1)
    assert run(script, ["he-init", "lower-lr"], epochs=1)[0]["in_force"]
    later = script.replace("import copy; average = copy.deepcopy(m)\n", "").replace(
        "for e in", "import copy; average = copy.deepcopy(m)\nfor e in"
    )
    assert run(later, ["batch-norm"], epochs=1)[0]["in_force"]
