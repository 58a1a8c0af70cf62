"""Convolution: the flip, what small and 1x1 kernels buy, and what sharing weights buys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from unstuck.lab import Claim, Verdict
from unstuck.records import Text

if TYPE_CHECKING:
    import torch
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class DeepLearningsConvolutionIsConvolution(Claim):
    """Difference between torch's conv2d and the convolution of mathematics, with the kernel as it is and rotated by 180 degrees.

    ## The set-up
    A 12x12 image and a 3x3 kernel in double precision; the convolution of mathematics is written out as sum over i, j of k[i, j] x[m - i, n - j].
    ## Why
    conv2d computes sum k[i, j] x[m + i, n + j], the cross-correlation: the convolution with the rotated kernel. Neither the negative nor the inverse of anything.
    """

    rows = ("S4-41", "S4-42")
    experiment = "X38"
    statement = Text(
        "The convolution of deep learning gives the opposite of the convolution of mathematics.",
        "深度学习中的互相关运算与数学上的卷积得到的结果相反。",
    )
    rule = Text(
        "Holds if the result is the negative one; depends if it is different with the kernel as it is and equal (1e-12) with the rotated one.",
        "若结果互为相反数则成立；若直接用核不同、旋转 180° 后相等（1e-12）则视情况而定。",
    )
    depends = Text("depends on the kernel: equal after rotating it by 180 degrees", "取决于卷积核：旋转 180° 后相等")
    seeds = 5

    def measure(self, seed: int) -> dict[str, float]:
        """Largest differences."""
        import torch
        from torch.nn import functional

        random = np.random.default_rng(seed)
        image, kernel = random.standard_normal((12, 12)), random.standard_normal((3, 3))
        true = np.zeros((10, 10))
        for m in range(10):
            for n in range(10):
                true[m, n] = sum(kernel[i, j] * image[m + 2 - i, n + 2 - j] for i in range(3) for j in range(3))

        def torchs(k: np.ndarray) -> np.ndarray:
            return functional.conv2d(torch.tensor(image)[None, None], torch.tensor(k.copy())[None, None])[0, 0].numpy()

        return {
            "as_it_is": float(np.abs(torchs(kernel) - true).max()),
            "rotated": float(np.abs(torchs(kernel[::-1, ::-1]) - true).max()),
            "against_the_negative": float(np.abs(torchs(kernel) + true).max()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        if (measured["against_the_negative"] < 1e-12).all():
            return "holds"
        equal = (measured["rotated"] < 1e-12).all() and (measured["as_it_is"] > 1e-3).all()
        return "depends" if equal else "fails as stated"


@dataclass(frozen=True)
class CrossCorrelationIsCheaper(Claim):
    """Multiplications of cross-correlation over those of convolution, and loss reached by a net that uses either.

    ## The set-up
    Both written out as loops that count their multiplications; a kernel learned by descent with each operation on the same data.
    ## Why
    The flip is a renaming of indices. The same products are formed, and a learned kernel simply comes out rotated: that is why nobody needs the flip.
    """

    rows = ("S4-43",)
    experiment = "X38"
    statement = Text(
        "Cross-correlation is used because it needs less computation than convolution.",
        "使用互相关是因为它的运算量更小。",
    )
    rule = Text(
        "Holds if it needs fewer multiplications; fails as stated otherwise.",
        "若互相关的乘法次数更少则成立；否则按原话不成立。",
    )
    seeds = 3

    def measure(self, seed: int) -> dict[str, float]:
        """Counts, and how well the learned kernels agree after rotation."""
        random = np.random.default_rng(seed)
        image, target_kernel = random.standard_normal((10, 10)), random.standard_normal((3, 3))
        counts = {"correlation": 0, "convolution": 0}
        patches: dict[str, np.ndarray] = {}
        for name, sign in (("correlation", 1), ("convolution", -1)):
            rows = []
            for m in range(8):
                for n in range(8):
                    start = 0 if sign == 1 else 2
                    rows.append([image[m + start + sign * i, n + start + sign * j] for i in range(3) for j in range(3)])
                    counts[name] += 9
            patches[name] = np.array(rows)
        targets = patches["correlation"] @ target_kernel.ravel()
        learned = {}
        for name, rows_of in patches.items():
            kernel = np.zeros(9)
            for _ in range(4000):
                kernel -= 0.3 * rows_of.T @ (rows_of @ kernel - targets) / len(targets)
            learned[name] = kernel.reshape(3, 3)
        return {
            "multiplications_ratio": counts["correlation"] / counts["convolution"],
            "learned_difference_as_is": float(np.abs(learned["correlation"] - learned["convolution"]).max()),
            "learned_difference_rotated": float(np.abs(learned["correlation"] - learned["convolution"][::-1, ::-1]).max()),
        }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        return "holds" if (measured["multiplications_ratio"] < 1).all() else "fails as stated"


@dataclass(frozen=True)
class TwoSmallKernelsEqualOneLarge(Claim):
    """Parameters, receptive field and expressiveness of two 3x3 layers against one 5x5 layer.

    ## The set-up
    64 channels for the counts; the field measured as the support of an output's gradient; the best two 3x3 kernels in a row for a random 5x5 kernel (one channel, no activation) by
    alternating least squares from 5 starts.
    ## Why
    18 free numbers (17 up to scale) cannot be all 25: fewer parameters, the same field, another non-linearity, but a smaller set of linear filters.
    """

    rows = ("S4-36", "S4-37", "S4-38")
    experiment = "X39"
    statement = Text(
        "A stack of small kernels is better than one large kernel: the same field with fewer parameters.",
        "堆叠小卷积核优于一个大卷积核：感受野相同而参数更少。",
    )
    rule = Text(
        "Holds if field 5 is reached with fewer parameters and any 5x5 kernel is matched to 1 %; depends if only the first two.",
        "若以更少参数达到感受野 5、且任意 5×5 核都能以 1% 误差表示则成立；若只满足前两条则视情况而定。",
    )
    depends = Text(
        "depends on what is asked: cheaper and non-linear, yes; every 5x5 filter, no",
        "取决于要什么：更省、多一次非线性，是；任意 5×5 滤波器，否",
    )
    seeds = 3

    channels: int = 64

    def measure(self, seed: int) -> dict[str, float]:
        """Counts, fields, relative error."""
        import torch
        from torch import nn

        two = nn.Sequential(nn.Conv2d(1, 1, 3, bias=False), nn.Conv2d(1, 1, 3, bias=False))
        nn.init.constant_(two[0].weight, 1.0)
        nn.init.constant_(two[1].weight, 1.0)
        image = torch.zeros(1, 1, 11, 11, requires_grad=True)
        two(image)[0, 0, 3, 3].backward()
        assert image.grad is not None
        field = int((image.grad[0, 0].abs().sum(0) > 0).sum())

        random = np.random.default_rng(seed)
        wanted = random.standard_normal((5, 5))

        def matrix(kernel: np.ndarray) -> np.ndarray:
            """The full convolution with a 3x3 kernel as a matrix [25, 9]."""
            columns = []
            for i in range(3):
                for j in range(3):
                    out = np.zeros((5, 5))
                    out[i : i + 3, j : j + 3] = kernel
                    columns.append(out.ravel())
            return np.array(columns).T

        best = np.inf
        for _ in range(5):
            one = random.standard_normal((3, 3))
            for _ in range(100):
                other = np.linalg.lstsq(matrix(one), wanted.ravel(), rcond=None)[0].reshape(3, 3)
                one = np.linalg.lstsq(matrix(other), wanted.ravel(), rcond=None)[0].reshape(3, 3)
            best = min(best, float(np.linalg.norm(matrix(other) @ one.ravel() - wanted.ravel()) / np.linalg.norm(wanted)))
        c = self.channels
        return {"parameters_two_3x3": 2.0 * 9 * c * c, "parameters_5x5": 25.0 * c * c, "field": float(field), "error_of_best_pair": best}

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        cheaper = (measured["parameters_two_3x3"] < measured["parameters_5x5"]).all() and (measured["field"] == 5).all()
        return "holds" if cheaper and (measured["error_of_best_pair"] < 0.01).all() else "depends" if cheaper else "fails as stated"

    def plot(self, figure: Figure, measured: dict[str, np.ndarray], lang: str) -> None:
        """Receptive fields of one to four 3x3 layers."""
        for layers, axes in enumerate(figure.subplots(1, 4), 1):
            kernel = np.ones((1, 1))
            for _ in range(layers):
                padded = np.pad(kernel, 2)
                kernel = sum(padded[i : i + len(kernel) + 2, j : j + len(kernel) + 2] for i in range(3) for j in range(3))
            shown = np.pad(kernel, 5 - (len(kernel) + 1) // 2)
            axes.imshow(shown / shown.max(), cmap="cividis")
            axes.set_title(
                f"{layers} 层 3×3：{len(kernel)}×{len(kernel)}" if lang == "zh" else f"{layers} x 3x3: {len(kernel)}x{len(kernel)}",
                fontsize=8,
            )
            axes.set_axis_off()


@dataclass(frozen=True)
class AOneByOneConvolutionIsALinearLayerPerPixel(Claim):
    """Difference between a 1x1 convolution and one matrix applied to the channels of every pixel; and rank of two of them without an activation.

    ## The set-up
    64 to 16 channels on 8x8 images in double precision; then 16 to 64 behind it, with and without ReLU between.
    ## Why
    A 1x1 kernel sees one pixel: it mixes channels, changes their number, and is non-linear only with an activation behind it. It was introduced by the paper "Network in
    network", which is not its name.
    """

    rows = ("S4-39", "S4-40")
    experiment = "X40"
    statement = Text(
        "A 1x1 convolution is a linear map over the channels at each pixel; it adds non-linearity only through the activation after it.",
        "1×1 卷积就是在每个像素上对通道做线性变换；只有后面接激活函数才增加非线性。",
    )
    rule = Text(
        "Holds if the difference is below 1e-12, and two of them equal one matrix (1e-12) without an activation and not with ReLU.",
        "若差异小于 1e-12，且两个相连时无激活等于一个矩阵（1e-12）、加 ReLU 则不等，则成立。",
    )
    seeds = 3

    def measure(self, seed: int) -> dict[str, float]:
        """Relative differences."""
        import torch
        from torch import nn

        torch.manual_seed(seed)
        image = torch.randn(2, 64, 8, 8, dtype=torch.float64)
        down = nn.Conv2d(64, 16, 1, bias=False).double()
        up = nn.Conv2d(16, 64, 1, bias=False).double()
        with torch.no_grad():
            a, b = down.weight[:, :, 0, 0], up.weight[:, :, 0, 0]
            linear = torch.einsum("oc,bchw->bohw", a, image)
            both = torch.einsum("oc,bchw->bohw", b @ a, image)

            def off(x: torch.Tensor, y: torch.Tensor) -> float:
                return float((x - y).norm() / y.norm())

            return {
                "single": off(down(image), linear),
                "two_without_activation": off(up(down(image)), both),
                "two_with_relu": off(up(torch.relu(down(image))), both),
            }

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        exact = (measured["single"] < 1e-12).all() and (measured["two_without_activation"] < 1e-12).all()
        return "holds" if exact and (measured["two_with_relu"] > 1e-2).all() else "fails as stated"


@dataclass(frozen=True)
class SharingWeightsNeedsFewerSamples(Claim):
    """Error on new images of a dense, a locally connected and a convolutional linear map learned from few noisy image pairs.

    ## The set-up
    12x12 images, targets = 3x3 blur plus noise of 0.1; each map is solved by (ridge) least squares from 5 image pairs. Then all learn from images whose right half is empty and are
    tested on images whose left half is empty. Parameters are also given for 28x28.
    ## Why
    A dense map must learn 144 weights for each output pixel, a local one 9, a shared one 9 in all: every position of every image is a sample for it, and what was learned on the left
    holds on the right.
    """

    rows = ("S4-60", "S4-61", "S1-45")
    experiment = "X47"
    statement = Text(
        "Local connections and shared weights need far fewer parameters and samples, and what is learned in one place holds in all.",
        "局部连接与权值共享大幅减少参数和所需样本，并且在一处学到的在各处都适用。",
    )
    rule = Text(
        "Holds if the shared map's error is below a tenth of the local one's and of the dense one's, on new images and on shifted content.",
        "若在新图像与平移内容上，权值共享的误差都低于局部连接与全连接的十分之一，则成立。",
    )
    seeds = 5

    pairs: int = 5
    size: int = 12

    def measure(self, seed: int) -> dict[str, float]:
        """Relative squared errors, and parameter counts at 28x28."""
        random = np.random.default_rng(seed)
        kernel = np.array([1.0, 2, 1, 2, 4, 2, 1, 2, 1]) / 16
        n = self.size

        def patches(images: np.ndarray) -> np.ndarray:
            """3x3 neighbourhoods, zero-padded [images, pixels, 9]."""
            padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
            return np.stack([padded[:, i : i + n, j : j + n].reshape(len(images), -1) for i in range(3) for j in range(3)], -1)

        def solve(a: np.ndarray, b: np.ndarray) -> np.ndarray:
            return np.linalg.solve(a.T @ a + 1e-3 * np.eye(a.shape[1]), a.T @ b)

        measured: dict[str, float] = {"parameters_dense_28": 784.0**2, "parameters_local_28": 784.0 * 9, "parameters_shared_28": 9.0}
        for name in ("new", "shifted"):
            train, test = random.standard_normal((self.pairs, n, n)), random.standard_normal((200, n, n))
            if name == "shifted":
                train[:, :, n // 2 :] = 0
                test[:, :, : n // 2] = 0
            seen, fresh = patches(train), patches(test)
            targets, truth = seen @ kernel + 0.1 * random.standard_normal((self.pairs, n * n)), fresh @ kernel
            flat, flat_test = train.reshape(self.pairs, -1), test.reshape(200, -1)
            predictions = {
                "dense": flat_test @ solve(flat, targets),
                "local": np.stack([fresh[:, p] @ solve(seen[:, p], targets[:, p]) for p in range(n * n)], 1),
                "shared": fresh @ solve(seen.reshape(-1, 9), targets.ravel()),
            }
            for kind, said in predictions.items():
                measured[f"{name}_{kind}"] = float(((said - truth) ** 2).sum() / (truth**2).sum())
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        good = [
            measured[f"{name}_shared"].mean() < 0.1 * measured[f"{name}_{kind}"].mean()
            for name in ("new", "shifted")
            for kind in ("local", "dense")
        ]
        return "holds" if all(good) else "fails as stated"


def blobs(count: int, side: str, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """16x16 noise images with a horizontal or vertical bar in the left or right half, and which one it is."""
    import torch

    labels = torch.randint(0, 2, (count,), generator=generator)
    images = 0.3 * torch.randn(count, 1, 16, 16, generator=generator)
    rows = torch.randint(1, 11, (count,), generator=generator)
    columns = torch.randint(0, 3, (count,), generator=generator) + (1 if side == "left" else 9)
    for k in range(count):
        r, c = int(rows[k]), int(columns[k])
        if labels[k]:
            images[k, 0, r + 2, c : c + 4] += 1.5
        else:
            images[k, 0, r : r + 4, c + 2] += 1.5
    return images, labels


@dataclass(frozen=True)
class ASharedDetectorWorksWhereItWasNeverTrained(Claim):
    """Accuracy on bars in the right half of nets that only saw bars in the left half: dense, and convolution with global pooling.

    ## The set-up
    Horizontal against vertical bars in 16x16 noise images; 1000 training images, Adam, 60 steps; test on both halves.
    ## Why
    Convolution commutes with shifts, global pooling forgets the place. A dense net has separate weights for the right half, which no sample ever moved.
    """

    rows = ("S4-61", "S1-45")
    experiment = "X47"
    statement = Text(
        "A dense net recognises a pattern also where it never saw one.",
        "全连接网络也能在从未见过图案的位置认出它。",
    )
    rule = Text(
        "Fails as stated if on the unseen half the dense net is below 0.7 on average while the shared one is above 0.9; holds if the dense one is above 0.9; else depends.",
        "若在未见过的一半上全连接平均低于 0.7 而共享权值高于 0.9，则按原话不成立；若全连接也高于 0.9 则成立；其余视情况而定。",
    )
    depends = Text("depends on the noise and the pattern", "取决于噪声与图案")
    seeds = 3

    quick = {"steps": 30}

    steps: int = 60

    def measure(self, seed: int) -> dict[str, float]:
        """Accuracies and parameter counts."""
        import torch
        from torch import nn
        from torch.nn import functional

        generator = torch.Generator().manual_seed(seed)
        images, labels = blobs(1000, "left", generator)
        tests = {side: blobs(400, side, generator) for side in ("left", "right")}
        measured = {}
        for name in ("dense", "shared"):
            torch.manual_seed(seed)
            if name == "dense":
                model = nn.Sequential(nn.Flatten(), nn.Linear(256, 32), nn.ReLU(), nn.Linear(32, 2))
            else:
                model = nn.Sequential(nn.Conv2d(1, 8, 5), nn.ReLU(), nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(8, 2))
            optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
            for _ in range(self.steps):
                optimizer.zero_grad()
                functional.cross_entropy(model(images), labels).backward()
                optimizer.step()
            with torch.no_grad():
                for side, (x, y) in tests.items():
                    measured[f"{name}_{side}"] = (model(x).argmax(1) == y).double().mean().item()
            measured[f"{name}_parameters"] = float(sum(p.numel() for p in model.parameters()))
        return measured

    def judge(self, measured: dict[str, np.ndarray]) -> Verdict:
        """The rule."""
        dense, shared = measured["dense_right"].mean(), measured["shared_right"].mean()
        return "fails as stated" if dense < 0.7 and shared > 0.9 else "holds" if dense > 0.9 else "depends"
