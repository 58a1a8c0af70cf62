"""Arms: the fork pool, limits, the cache, shifted seeds, exact pairs, and what the script writes."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from unstuck.arms import arm as arm_module
from unstuck.arms import local, seeding
from unstuck.arms.arm import Arm
from unstuck.arms.cache import Cache
from unstuck.arms.local import LocalPool
from unstuck.arms.output import number_in
from unstuck.arms.results import ArmResult
from unstuck.arms.workplace import mirror
from unstuck.attach.script import Program
from unstuck.errors import UnstuckError
from unstuck.records import Facts
from unstuck.store import load

TOY = """
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(3)
X = torch.randn(120, 5); y = (X[:, 0] > 0).long()
loader = DataLoader(TensorDataset(X[:80], y[:80]), batch_size=20, shuffle=True)
held_out = DataLoader(TensorDataset(X[80:], y[80:]), batch_size=40)
model = nn.Sequential(nn.Linear(5, 8), nn.Sigmoid(), nn.Linear(8, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(6):
    model.train()
    for xb, yb in loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(xb), yb).backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        for xb, yb in held_out:
            out = model(xb)
    print(f"epoch {epoch} val acc {(out.argmax(1) == yb).float().mean():.4f}")
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "toy.py").write_text(TOY)
    return tmp_path


def pool(home: Path, **settings: object) -> LocalPool:
    return LocalPool(Cache(home / ".unstuck" / "arms"), **settings)  # type: ignore[arg-type]


def run(home: Path, *arms: Arm) -> list[ArmResult]:
    results = pool(home).run(arms)
    return [results[a] for a in arms]


def script(home: Path, text: str) -> Program:
    (home / "train.py").write_text(text)
    return Program(path="train.py")


def test_a_full_and_a_stopped_arm(home: Path) -> None:
    full, stopped = run(home, Arm(Program(path="toy.py")), Arm(Program(path="toy.py"), steps=11))
    assert (full.exit, full.steps) == ("finished", 24)
    assert (stopped.exit, stopped.steps) == ("stopped", 11)
    assert full.series["printed val acc"].steps == (3, 7, 11, 15, 19, 23)
    assert stopped.series["printed val acc"].values == full.series["printed val acc"].values[:2]
    assert stopped.series["validation.accuracy"].values == pytest.approx(stopped.series["printed val acc"].values, abs=1e-4)
    assert len(stopped.series["loss.value"].values) == 11
    assert 0 < stopped.startup_s <= stopped.seconds


def test_equal_arms_differ_by_exactly_nothing_and_other_pairs_do_differ(home: Path) -> None:
    arm = Arm(Program(path="toy.py"), steps=11)
    # Other limits give another key, so the second one is no copy from the cache.
    same, again, other = run(home, arm, replace(arm, time_limit_s=99.0), replace(arm, seed=1))
    assert same.key != again.key
    assert same.series == again.series
    assert other.series["loss.value"].values != same.series["loss.value"].values


def test_seeds_of_the_script_are_shifted(home: Path) -> None:
    program = script(
        home,
        "import os, random, torch, numpy as np\n"
        "torch.manual_seed(5); np.random.seed(5); random.seed(5)\n"
        "g = torch.Generator(); g.manual_seed(5)\n"
        "print(torch.rand(1).item(), np.random.rand(), random.random(), torch.rand(1, generator=g).item(),\n"
        "      np.random.default_rng(5).random(), os.environ.get('SEED'))\n",
    )
    os.environ["SEED"] = "40"
    try:
        arms = [Arm(program, seed=k) for k in (0, 1)]
        results = pool(home)
        results.run(arms)
        zero, one = [(results.cache.folder_of(a) / "output.txt").read_text().split() for a in arms]
    finally:
        del os.environ["SEED"]
    import torch

    assert float(zero[0]) == torch.rand(1, generator=torch.Generator().manual_seed(5)).item()
    assert float(one[0]) == torch.rand(1, generator=torch.Generator().manual_seed(5 + seeding.OFFSET)).item()
    assert all(a != b for a, b in zip(zero, one, strict=True))
    assert (zero[5], one[5]) == ("40", str(40 + seeding.OFFSET))


def test_time_limit_ends_an_arm_and_its_children(home: Path) -> None:
    program = script(home, "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])\n")
    started = time.monotonic()
    (result,) = run(home, Arm(program, time_limit_s=2.0))
    assert result.exit == "timeout" and time.monotonic() - started < 20


def test_a_script_that_swallows_the_stop_is_ended(home: Path) -> None:
    program = script(
        home,
        "import torch\nw = torch.nn.Parameter(torch.ones(1))\no = torch.optim.SGD([w], lr=0.1)\n"
        "while True:\n    try:\n        o.zero_grad(); (w * w).sum().backward(); o.step()\n    except:\n        pass\n",
    )
    (result,) = run(home, Arm(program, steps=5, time_limit_s=30.0))
    assert result.exit == "stopped" and 5 <= result.steps <= 8
    assert len(result.series["loss.value"].values) >= 5


def test_failures_are_told(home: Path) -> None:
    (result,) = run(home, Arm(script(home, "print('so far')\nraise ValueError('no such thing')\n")))
    assert result.exit == "failed" and result.error == "ValueError: no such thing"


GREEDY = """
import os, torch
w = torch.nn.Parameter(torch.ones(3))
optimizer = torch.optim.SGD([w], lr=0.1)
for step in range(4):
    optimizer.zero_grad()
    (w * w).sum().backward()
    optimizer.step()
    if step == 2:
        much = torch.ones(150_000_000)  # 600 MB
print("val loss", (w * w).sum().item())
"""


@pytest.mark.parametrize("start", ["fork", pytest.param("spawn", marks=pytest.mark.slow)])
def test_a_memory_limit_ends_the_arm_that_asks_for_too_much_and_no_other(home: Path, monkeypatch: pytest.MonkeyPatch, start: str) -> None:
    monkeypatch.setenv("UNSTUCK_START", start)
    program = script(home, GREEDY)
    tight, wide, toy = run(
        home,
        Arm(program, memory_limit_mb=400),
        Arm(program, memory_limit_mb=4000),
        Arm(Program(path="toy.py"), steps=5, memory_limit_mb=400),
    )
    assert tight.exit == "failed" and tight.steps == 3
    assert tight.error is not None and "memory" in tight.error.lower()
    assert (wide.exit, wide.steps) == ("finished", 4), wide.error
    assert (toy.exit, toy.steps) == ("stopped", 5)


@pytest.mark.slow
def test_a_new_interpreter_gives_the_numbers_of_a_fork(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a remedy, and the facts that it needs, on the way."""
    facts = Facts(steps=24)
    arms = [Arm(Program(path="toy.py"), remedies=names, seed=1, steps=9) for names in ((), ("warm-up", "he-init"))]
    found = []
    for start in ("fork", "spawn"):
        monkeypatch.setenv("UNSTUCK_START", start)
        results = LocalPool(Cache(home / f".unstuck-{start}"), facts=facts).run(arms)
        found.append([(results[a].exit, results[a].steps, results[a].in_force, results[a].series["loss.value"].values) for a in arms])
    assert found[0] == found[1]
    assert found[0][0][:2] == ("stopped", 9) and found[0][1][2] is True and found[0][0][3] != found[0][1][3]


def test_how_arms_are_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UNSTUCK_START", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert local.process_context().get_start_method() == "fork"
    monkeypatch.setattr("sys.platform", "darwin")
    assert local.process_context().get_start_method() == "spawn"
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("multiprocessing.get_all_start_methods", lambda: ["spawn"])
    context = local.process_context()
    assert context.get_start_method() == "spawn"
    monkeypatch.setenv("UNSTUCK_START", "fork")
    with pytest.raises(UnstuckError, match="UNSTUCK_START=fork"):
        local.process_context()

    def recipe(seed: int) -> None: ...

    recipe.__module__ = "__main__"
    with pytest.raises(UnstuckError, match="module of its own"):
        local.refuse([Arm(Program(recipe=recipe))], context)  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_new_interpreter_does_not_run_the_callers_script_again(home: Path) -> None:
    (home / "mine.py").write_text(
        "from unstuck.arms.arm import Arm\nfrom unstuck.arms.cache import Cache\nfrom unstuck.arms.local import LocalPool\n"
        "from unstuck.attach.script import Program\nfrom pathlib import Path\nprint('once')\n"
        "arm = Arm(Program(path='toy.py'), steps=3)\nprint(LocalPool(Cache(Path('.unstuck'))).run([arm])[arm].exit)\n"
    )
    sources = str(Path(local.__file__).parents[2])
    environment = os.environ | {"UNSTUCK_START": "spawn", "PYTHONPATH": sources}
    said = subprocess.run([sys.executable, "mine.py"], cwd=home, env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["once", "stopped"], said.stderr


def test_the_cache_answers_and_a_changed_script_is_another_arm(home: Path) -> None:
    arm = Arm(Program(path="toy.py"), steps=3)
    (first,) = run(home, arm)
    started = time.monotonic()
    (second,) = run(home, arm)
    assert second == first and time.monotonic() - started < 0.5
    from unstuck.arms import sources

    (home / "beside.py").write_text("x = 1\n")
    (home / "toy.py").write_text(TOY + "\nfrom beside import x\n")
    sources.forget()
    key = arm.content_key()
    assert key != first.key
    (home / "beside.py").write_text("x = 2\n")
    sources.forget()
    assert arm.content_key() != key


def test_an_interrupted_pool_keeps_what_is_done(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arms = [Arm(Program(path="toy.py"), steps=n) for n in (3, 4, 5)]
    one = pool(home, jobs=1)

    def interrupt(arm: Arm, result: ArmResult) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        one.run(arms, interrupt)
    assert [one.cache.get(a) is not None for a in arms] == [True, False, False]
    assert len(pool(home).run(arms)) == 3


def test_what_a_script_writes_stays_in_its_arm(home: Path) -> None:
    (home / "out").mkdir()
    for name in ("log.txt", "model.pt", "out/kept.txt", "data.txt"):
        (home / name).write_text("old")
    program = script(
        home,
        "import torch\nassert open('data.txt').read() == 'old'\nopen('log.txt', 'a').write('new')\nassert open('log.txt').read() == 'oldnew'\n"
        "torch.save({}, 'model.pt')\nopen('out/kept.txt', 'w').write('new')\nopen('out/other.txt', 'w').write('new')\n",
    )
    (result,) = run(home, Arm(program))
    assert result.exit == "finished", result.error
    assert {(home / n).read_text() for n in ("log.txt", "model.pt", "out/kept.txt", "data.txt")} == {"old"}
    assert not (home / "out" / "other.txt").exists() and result.outside == ()


def test_writes_that_lead_outside_are_reported(home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    far = tmp_path_factory.mktemp("elsewhere") / "far.txt"
    (result,) = run(home, Arm(script(home, f"open({str(far)!r}, 'w').write('x')\n")))
    assert result.outside == (str(far),)


def test_a_recipe_runs_as_an_arm(home: Path) -> None:
    from unstuck.training import Training

    def recipe(seed: int) -> Training:
        import torch

        torch.manual_seed(seed)
        model = torch.nn.Linear(4, 1)
        x = torch.randn(32, 4)
        batches = [(x, x[:, :1])]
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        return Training([model], [optimizer], torch.nn.functional.mse_loss, batches, validation=(x, x[:, :1]))

    zero, one = run(home, Arm(Program(recipe=recipe), steps=12), Arm(Program(recipe=recipe), steps=12, seed=1))
    assert zero.steps == 12 and zero.series["loss.value"].values != one.series["loss.value"].values
    assert "validation.r2" in zero.series


def test_a_large_folder_is_linked_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "many" / "deep").mkdir(parents=True)
    (tmp_path / "a.txt").write_text("a")
    mirror(tmp_path, tmp_path.parent / "work", limit=2)
    assert (tmp_path.parent / "work" / "many").is_symlink() != (tmp_path.parent / "work" / "many" / "deep").is_symlink()


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("epoch 3 train loss 0.31 val acc 0.9312", ("val acc", 0.9312)),
        ("test_accuracy=93.5 %", ("test accuracy", 0.935)),
        ("final_metric=0.5", ("final metric", 0.5)),
        ("epoch  1  loss 2.30  accuracy 0.101", ("accuracy", 0.101)),
        ("training accumulates 5", None),
    ],
)
def test_printed_numbers(line: str, found: tuple[str, float] | None) -> None:
    assert number_in(line, None) == found
    assert number_in("score: 0.25 points", r"score: (\S+)") == ("metric", 0.25)


def test_keys_follow_remedies_and_limits(home: Path) -> None:
    arm_module.settings_of.cache_clear()
    arm = Arm(Program(path="toy.py"))
    variants = [arm, replace(arm, seed=1), replace(arm, steps=4), replace(arm, remedies=("relu",)), replace(arm, time_limit_s=3.0)]
    assert len({a.content_key() for a in variants}) == len(variants)
    assert arm.content_key() == replace(arm).content_key()


@pytest.mark.slow
def test_an_arm_that_rested_gives_the_numbers_of_one_that_was_never_held_up(home: Path) -> None:
    for remedies in ((), ("relu", "he-init"), ("adam",), ("batch-norm",)):
        straight, held_up = pool(home), LocalPool(Cache(home / ".unstuck-rested"))
        facts = load(Path(straight.run([Arm(Program("toy.py"))])[Arm(Program("toy.py"))].trace)).facts
        straight.facts = held_up.facts = facts
        held_up.rests = True
        lengths = [Arm(Program("toy.py"), remedies=remedies, seed=5, steps=n) for n in (5, 10, 17, 30)]
        try:
            for arm in lengths:
                one, other = straight.run([arm])[arm], held_up.run([arm])[arm]
                assert (one.exit, one.steps, one.series, one.in_force) == (other.exit, other.steps, other.series, other.in_force)
                assert one.remedy_errors == other.remedy_errors == ()
            assert not held_up._resting, "the last one came to its end"
        finally:
            held_up.release()


def test_what_a_resting_arm_cost_counts_once(home: Path) -> None:
    resting = pool(home)
    resting.rests = True
    lengths = [Arm(Program("toy.py"), seed=1, steps=n) for n in (4, 8, 12)]
    results = [resting.run([arm])[arm] for arm in lengths]
    assert resting.seconds == pytest.approx(results[-1].seconds)
    processes = [one.process for one in resting._resting.values()]
    assert len(processes) == 1
    resting.release()
    assert not processes[0].is_alive() and not resting._resting


def test_no_process_is_left_where_two_lengths_of_one_arm_rest(home: Path) -> None:
    """It would wait for ever, and so would we, at our own end."""
    resting = LocalPool(Cache(home / ".unstuck-two"), jobs=2)
    resting.rests = True
    before = {p.pid for p in multiprocessing.active_children()}
    resting.run([Arm(Program("toy.py"), seed=1, steps=n) for n in (4, 8)])
    resting.release()
    assert not {p.pid for p in multiprocessing.active_children()} - before


@pytest.mark.slow
def test_resting_arms_end_with_the_process_that_started_them(home: Path) -> None:
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom unstuck.arms.arm import Arm\nfrom unstuck.arms.cache import Cache\n"
        "from unstuck.arms.local import LocalPool\nfrom unstuck.attach.script import Program\n"
        "pool = LocalPool(Cache(Path('.unstuck')))\npool.rests = True\narms = [Arm(Program('toy.py'), seed=s, steps=3) for s in (0, 1)]\n"
        "pool.run(arms)\nprint(*[one.process.pid for one in pool._resting.values()], flush=True)\nos._exit(1)\n"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=home, capture_output=True, text=True, timeout=120, check=False)
    children = [int(word) for word in said.stdout.split()]
    assert len(children) == 2, said.stderr
    deadline = time.monotonic() + 10
    while any(alive(child) for child in children) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not any(alive(child) for child in children)


def alive(pid: int) -> bool:
    """Running, and not a zombie."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.is_file() and stat.read_text().rpartition(")")[2].split()[0] != "Z"
