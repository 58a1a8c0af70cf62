"""Are the causes of DeepFD's programs told rightly? Ports its Keras scripts to PyTorch, runs each under `unstuck run`, and prints a table.

    git clone https://github.com/Wardat-ISU/DeepLocalize
    python benchmarks/deepfd.py DeepLocalize/Benchmark/StackOverflow OUT [--mnist FOLDER] [--only ID,ID]

A script is run with stand-ins for Keras that note what it builds; at `fit` that becomes a PyTorch script with the same layers, starting weights,
loss, optimizer, batches and data (in an .npz beside it). Softmax and categorical cross-entropy become `nn.CrossEntropyLoss` on logits, which
is the same; a sigmoid in front of that loss stays, as it did. At most `STEPS` steps: fewer epochs, then fewer rows. MNIST comes from a folder
with its `t10k-*.gz` files. Needs pandas, matplotlib and scikit-learn; nothing of those repositories is kept here.

Wardat, Le, Rajan (2021), "DeepLocalize: fault localization for deep neural networks" (the programs); Cao et al. (2022), "DeepFD: automated fault
diagnosis and localization for deep learning programs" (the ground truth: what the authors' patches change, and the other tools' answers).
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import json
import os
import re
import subprocess
import sys
import time
import types
from pathlib import Path
from typing import Any

import numpy as np

STEPS = 3000
#: Post on Stack Overflow -> kinds of fault of the ground truth, and which of DeepFD, UMLAUT, AutoTrainer and DeepLocalize named one of them.
PROGRAMS = {
    "48385830": ("act loss lr", "DUAL"), "44164749": ("epoch lr act loss", "DL"), "31556268": ("loss epoch lr opt", "DU"), "50306988": ("lr epoch", "DA"),
    "48251943": ("act", ""), "38648195": ("act loss epoch", "L"), "33969059": ("act", ""), "55328966": ("act opt prep", "DUA"),
    "34311586": ("lr act init epoch batch", "DL"), "31880720": ("act epoch", "D"), "39525358": ("act lr prep", "D"), "39217567": ("act batch", ""),
    "48934338": ("lr", "DU"), "47724077": ("opt lr prep epoch", ""), "59325381": ("loss prep", "D"), "59278771": ("act opt prep", "DU"),
    "52800582": ("prep", "U"), "41372874": ("", "D"), "34673164": ("layers act loss", "A"), "48221692": ("act", "U"),
    "50079585": ("epoch lr act loss layers", "DUA"), "45337371": ("act", "D"), "44066044": ("prep", "U"), "51930566": ("act", ""),
    "47352366": ("act epoch", "UAL"), "45442843": ("loss opt act epoch", "DU"), "48594888": ("epoch batch", "D"), "31627380": ("opt act loss", "D"),
    "58609115": ("loss", ""), "50481178": ("act loss", ""),
}  # fmt: skip
#: Root cause -> kinds of fault that it is.
KINDS = {
    "loss-output-mismatch": "act loss", "missing-nonlinearity": "act layers", "saturated-activation": "act", "dead-units": "act",
    "vanishing-gradient": "act", "lr-too-high": "lr opt", "lr-too-low": "lr opt epoch", "underfitting": "epoch layers", "bad-init-scale": "init",
    "symmetric-init": "init", "inputs-not-normalised": "prep", "targets-not-normalised": "prep", "bad-input-values": "prep", "momentum-too-high": "opt",
    "batch-too-small": "batch", "batch-too-large": "batch", "overfitting": "layers epoch", "schedule-misuse": "lr",
}  # fmt: skip
ACTIVATIONS = {
    "relu": "nn.ReLU()",
    "sigmoid": "nn.Sigmoid()",
    "tanh": "nn.Tanh()",
    "elu": "nn.ELU()",
    "softplus": "nn.Softplus()",
    "linear": "",
}
LOSSES = {
    "mse": "nn.MSELoss()", "mean_squared_error": "nn.MSELoss()", "mean_absolute_error": "nn.L1Loss()",
    "categorical_crossentropy": "nn.CrossEntropyLoss()", "sparse_categorical_crossentropy": "nn.CrossEntropyLoss()",
}  # fmt: skip
STARTS = {
    "uniform": "uniform_({}, -0.05, 0.05)", "normal": "normal_({}, std=0.05)", "random_normal": "normal_({}, std=0.05)",
    "glorot_uniform": "xavier_uniform_({})", "he_normal": "kaiming_normal_({})",
}  # fmt: skip


class Built(BaseException):
    """The script has called `fit`."""


class Noted:
    """A layer, optimizer or initializer, with its arguments."""

    def __init__(self, *given: Any, **named: Any) -> None:
        self.kind, self.given, self.named = type(self).__name__, given, named
        self.input_shape = self.output_shape = None

    def first(self, *names: str) -> Any:
        return self.given[0] if self.given else next((self.named[n] for n in names if n in self.named), None)


class Nothing:
    """Whatever else a script calls."""

    def __init__(self, *given: Any, **named: Any) -> None: ...

    def __call__(self, *given: Any, **named: Any) -> Nothing:
        return self

    def __getattr__(self, name: str) -> Nothing:
        return self


class Sequential(Nothing):
    """Notes layers, loss, optimizer and data."""

    last: Sequential

    def __init__(self, layers: Any = ()) -> None:
        self.layers = list(layers)

    def add(self, layer: Noted) -> None:
        self.layers.append(layer)

    def compile(self, optimizer: Any = "rmsprop", loss: Any = None, **_: Any) -> None:
        self.optimizer, self.loss = optimizer, loss

    def fit(self, x: Any = None, y: Any = None, batch_size: int = 32, epochs: int = 1, nb_epoch: int | None = None, **named: Any) -> None:
        self.x, self.y, self.batch, self.epochs, self.named = x, y, batch_size or 32, nb_epoch or epochs, named
        Sequential.last = self
        raise Built


def kinds(names: str) -> dict[str, type[Noted]]:
    """Classes to be noted, by name."""
    return {n: type(n, (Noted,), {}) for n in names.split()}


def install(mnist: Path | None) -> None:
    """Put the stand-ins where the scripts import Keras and TensorFlow from."""

    def digits(*_: Any) -> tuple[Any, Any]:
        if mnist is None:
            raise SystemExit("needs MNIST (--mnist)")
        with gzip.open(mnist / "t10k-images-idx3-ubyte.gz") as images, gzip.open(mnist / "t10k-labels-idx1-ubyte.gz") as labels:
            x = np.frombuffer(images.read(), np.uint8)[16:].reshape(-1, 28, 28)
            y = np.frombuffer(labels.read(), np.uint8)[8:]
        return (x[:8000].copy(), y[:8000].copy()), (x[8000:].copy(), y[8000:].copy())

    def one_hot(y: Any, classes: int | None = None, **_: Any) -> np.ndarray:
        rows = np.asarray(y).astype(int).ravel()
        return np.eye(classes or rows.max() + 1, dtype=np.float32)[rows]

    def module(name: str, **members: Any) -> types.ModuleType:
        made = types.ModuleType(name)
        made.__dict__.update(members)
        sys.modules[name] = made
        return made

    layers = kinds("Dense Activation Dropout Flatten Reshape Conv2D MaxPooling2D LSTM GRU Masking Conv1D MaxPooling1D PReLU LeakyReLU")
    parts = {
        "layers": module("keras.layers", **layers),
        "models": module("keras.models", Sequential=Sequential),
        "optimizers": module("keras.optimizers", **kinds("SGD Adam RMSprop Adagrad")),
        "initializers": module("keras.initializers", **kinds("RandomNormal Constant")),
        "utils": module("keras.utils", to_categorical=one_hot, np_utils=module("keras.utils.np_utils", to_categorical=one_hot)),
        "datasets": module("keras.datasets", mnist=types.SimpleNamespace(load_data=digits), cifar10=Nothing()),
        "backend": module("keras.backend", function=Nothing()),
        "callbacks": Nothing(),
        "regularizers": types.SimpleNamespace(l2=Nothing),
        "losses": types.SimpleNamespace(categorical_crossentropy="categorical_crossentropy"),
        "Sequential": Sequential,
    }
    for name in ("keras.layers.core", "keras.layers.advanced_activations"):
        module(name, **layers)
    for name in (
        "keras.wrappers",
        "keras.wrappers.scikit_learn",
        "keras.preprocessing",
        "keras.preprocessing.image",
        "keras.preprocessing.sequence",
    ):
        module(name, KerasClassifier=Nothing, ImageDataGenerator=Nothing, pad_sequences=Nothing)
    keras = module("keras", preprocessing=Nothing(), **parts)
    module("seaborn")  # imported by some, used for pictures alone
    descent = types.SimpleNamespace(GradientDescentOptimizer=lambda rate: parts["optimizers"].SGD(lr=rate))
    module("tensorflow", keras=keras, __version__="2", compat=types.SimpleNamespace(v1=types.SimpleNamespace(train=descent)))


def build(script: Path, mnist: Path | None) -> Sequential:
    """Run a script up to its `fit`."""
    install(mnist)
    for name, kind in (("float", float), ("int", int), ("bool", bool)):  # NumPy's old names
        if name not in np.__dict__:
            setattr(np, name, kind)
    time.clock = time.perf_counter  # type: ignore[attr-defined]
    text = script.read_text(errors="replace").replace("\r", "").replace("(60000,", "(8000,").replace("(10000,", "(2000,")
    text = re.sub(r"^from time import \*", "from time import time; import time as _t; clock = _t.clock", text, flags=re.M)
    os.chdir(script.parent)
    np.random.seed(0)
    with contextlib.suppress(Built, SystemExit):
        exec(compile(text, str(script), "exec"), {"__name__": "__main__", "__file__": str(script)})
    return Sequential.last


def start(chosen: Any, what: str) -> str:
    """The line that gives a parameter its first value."""
    if isinstance(chosen, Noted):
        value = chosen.named.get("stddev", chosen.named.get("value", 0.05))
        return f"nn.init.{'normal_' if chosen.kind == 'RandomNormal' else 'constant_'}({what}, {'std=' if chosen.kind == 'RandomNormal' else ''}{value})"
    return f"nn.init.{STARTS[chosen].format(what)}" if chosen else f"nn.init.zeros_({what})"


def network(model: Sequential, shape: tuple[int, ...], cross: bool) -> tuple[list[str], list[str], tuple[int, ...]]:
    """The layers, the lines that start them, and the shape of an output."""
    flat: list[Noted] = []
    for layer in model.layers:
        flat.append(layer)
        if layer.named.get("activation") is not None:
            flat.append(kinds("Activation")["Activation"](layer.named["activation"]))
    lines: list[str] = []
    starts: list[str] = []
    for layer in flat:
        at = len(lines)
        if layer.kind == "Dense":
            units = layer.first("units", "output_dim")
            lines.append(f"nn.Linear({shape[-1]}, {units})")
            shape = (*shape[:-1], units)
        elif layer.kind == "Conv2D":
            filters, width = layer.first("filters"), (layer.given[1] if len(layer.given) > 1 else layer.named["kernel_size"])[0]
            same = layer.named.get("padding") == "same"
            lines.append(f"nn.Conv2d({shape[0]}, {filters}, {width}{f', padding={width // 2}' if same else ''})")
            shape = (filters, *(n if same else n - width + 1 for n in shape[1:]))
        elif layer.kind == "MaxPooling2D":
            lines.append("nn.MaxPool2d(2)")
            shape = (shape[0], shape[1] // 2, shape[2] // 2)
        elif layer.kind == "Reshape" and len(layer.given[0]) == 3:
            shape = (layer.given[0][2], *layer.given[0][:2])
            lines.append(f"nn.Unflatten(1, {shape})")
        elif layer.kind in ("Flatten", "Reshape"):
            shape = (int(np.prod(shape)),)
            lines.append("nn.Flatten()")
        elif layer.kind == "Dropout":
            lines.append(f"nn.Dropout({layer.first('rate', 'p')})")
        elif layer.kind == "Activation" and layer.given[0] == "softmax":
            if not (layer is flat[-1] and cross and shape[-1] > 1):  # what nn.CrossEntropyLoss does itself
                lines.append("nn.Softmax(dim=-1)")
        elif layer.kind == "Activation":
            lines += [ACTIVATIONS[layer.given[0]]] if ACTIVATIONS[layer.given[0]] else []
        else:
            raise NotImplementedError(layer.kind)
        if layer.kind in ("Dense", "Conv2D"):
            weights = layer.named.get("init") or layer.named.get("kernel_initializer") or "glorot_uniform"
            starts += [start(weights, f"model[{at}].weight"), start(layer.named.get("bias_initializer"), f"model[{at}].bias")]
    return lines, starts, shape


def optimizer(given: Any) -> str:
    """The line that makes the optimizer, with Keras' defaults."""
    kind, named = (given, {}) if isinstance(given, str) else (given.kind, given.named)
    name = {"sgd": "SGD", "adam": "Adam", "rmsprop": "RMSprop", "adagrad": "Adagrad"}[kind.lower()]
    rate = named.get("lr", named.get("learning_rate", 0.01 if name == "SGD" else 0.001))
    more = f", momentum={named['momentum']}" if named.get("momentum") else ""
    more += ", nesterov=True" if named.get("nesterov") else ", alpha=0.9, eps=1e-7" if name == "RMSprop" else ""
    return f"torch.optim.{name}(model.parameters(), lr={rate}{more})"


def port(model: Sequential, out: Path, source: str) -> None:
    """Write the PyTorch script and its data."""
    x, y = np.asarray(model.x).astype(np.float32), np.asarray(model.y)
    held = model.named.get("validation_data")
    if share := model.named.get("validation_split"):
        n = int(len(x) * (1 - share))
        x, y, held = x[:n], y[:n], (x[n:], y[n:])
    if x.ndim == 4:
        x = x.transpose(0, 3, 1, 2)
    x = x[:, None] if x.ndim == 1 else x
    cross = model.loss in ("categorical_crossentropy", "sparse_categorical_crossentropy")
    lines, starts, shape = network(model, x.shape[1:], cross)
    logits = lines[-1] not in ("nn.Sigmoid()", "nn.Softmax(dim=-1)")
    loss = f"nn.BCE{'WithLogits' if logits else ''}Loss()" if model.loss == "binary_crossentropy" else LOSSES[model.loss]

    def wanted(values: Any) -> np.ndarray:
        values = np.asarray(values)
        if cross:
            return (values.argmax(1) if values.ndim == 2 and values.shape[1] > 1 else values.ravel()).astype(np.int64)
        values = values.astype(np.float32)
        return values.reshape(len(values), *shape) if values.size == len(values) * int(np.prod(shape)) else values

    target, rows, batch, epochs = wanted(y), len(x), min(model.batch, len(x)), model.epochs
    if rows * epochs > STEPS * batch:
        epochs = max(2, STEPS * batch // rows)
        keep = np.random.default_rng(0).permutation(rows)[: STEPS * batch // epochs]
        x, target = x[keep], target[keep]
    data = {"x": x, "y": target}
    if held is not None:
        asked = np.asarray(held[0]).astype(np.float32)[:2000]
        data |= {"x_val": asked[:, None] if asked.ndim == 1 else asked, "y_val": wanted(held[1])[:2000]}
    out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out / "data.npz", **data)
    dropout = any("Dropout" in line for line in lines)
    check = (
        ["    with torch.no_grad():", "        print(epoch, loss_fn(model(data['x_val']), data['y_val']).item())"]
        if held is not None
        else []
    )
    text = [
        f'"""Ported to PyTorch from {source}."""', "import os", "import numpy as np", "import torch", "from torch import nn",
        "from torch.utils.data import DataLoader, TensorDataset", "torch.manual_seed(int(os.environ.get('SEED', '0')))",
        "data = {k: torch.from_numpy(v) for k, v in np.load(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'data.npz')).items()}",
        f"loader = DataLoader(TensorDataset(data['x'], data['y']), batch_size={batch}, shuffle={bool(model.named.get('shuffle', True))})",
        "model = nn.Sequential(", *(f"    {line}," for line in lines), ")", *starts, f"loss_fn = {loss}", f"optimizer = {optimizer(model.optimizer)}",
        f"for epoch in range({epochs}):", *(["    model.train()"] if dropout else []), "    for x, y in loader:", "        optimizer.zero_grad()",
        "        loss = loss_fn(model(x), y)", "        loss.backward()", "        optimizer.step()", *(["    model.eval()"] if dropout else []), *check,
        "",
    ]  # fmt: skip
    (out / "train.py").write_text("\n".join(text))


def told(out: Path) -> list[str] | None:
    """Root causes that `unstuck run` ranks, the first one first; None where it did not come to an end."""
    command = [sys.executable, "-m", "unstuck", "run", "--format", "json", "--output", "report.json", "train.py"]
    try:
        subprocess.run(command, cwd=out, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, timeout=300)
    except subprocess.TimeoutExpired:
        return None
    report = json.loads((out / "report.json").read_text())
    return [f["root_cause"] for f in report["findings"] if f["severity"] != "note"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--mnist", type=Path)
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(PROGRAMS))
    parser.add_argument("--port", type=Path, help=argparse.SUPPRESS)  # one script, in a process of its own
    given = parser.parse_args()
    if given.port is not None:
        port(build(given.port.resolve(), given.mnist and given.mnist.resolve()), given.out, given.port.stem)
        return
    first = named = asked = 0
    others = dict.fromkeys("DUAL", 0)
    for post in given.only:
        scripts = [p for p in sorted(given.folder.glob(f"{post}/Bug*/*.py")) if p.name != "input_data.py"]
        out, causes = given.out.resolve() / post, None
        for script in reversed(scripts):  # where there are two, the later one is the one that runs
            command = [sys.executable, __file__, str(given.folder), str(out), "--port", str(script)]
            done = subprocess.run([*command, *(["--mnist", str(given.mnist)] if given.mnist else [])], capture_output=True, text=True)
            if done.returncode == 0:
                causes = told(out)
                break
        truth, rivals = PROGRAMS[post]
        if causes is None:
            print(f"{post}  not run")
            continue
        right = [bool(set(KINDS.get(c, "").split()) & set(truth.split())) for c in causes] if truth else [not causes]
        asked, first, named = asked + 1, first + bool(right and right[0]), named + any(right)
        for tool in rivals:
            others[tool] += 1
        print(
            f"{post}  {truth or 'no fault':28s}  {'right' if right and right[0] else '-':6s}  {', '.join(causes) or 'nothing'}", flush=True
        )
    print(
        f"unstuck: first {first}, at all {named}; DeepFD {others['D']}, UMLAUT {others['U']}, AutoTrainer {others['A']}, DeepLocalize {others['L']}; of {asked}"
    )


if __name__ == "__main__":
    main()
