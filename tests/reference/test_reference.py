"""That the reference programs do what their sources say, on tiny random networks."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.reference import (
    article2025,
    crowson2021,
    demystifying2017,
    gatys2016,
    gatys_pytorch,
    johnson2015,
    neural_style_pt,
    vgg,
)

WIDTHS = (4, 5, 6, 7, 8)
H, W = 40, 48


def network(seed: int) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    weights: dict[str, Tensor] = {}
    before = 3
    for name in vgg.CONVS:
        after = WIDTHS[int(name[4]) - 1]
        kernel = torch.randn(after, before, 3, 3, generator=generator, dtype=torch.float64)
        weights[f"{name}.weight"] = kernel * (2 / (9 * before)) ** 0.5
        bias = torch.randn(after, generator=generator, dtype=torch.float64)
        weights[f"{name}.bias"] = 0.1 * bias
        before = after
    return weights


def picture(seed: int, height: int = H, width: int = W) -> Tensor:
    """Soft forms and some grain."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, 5, 5, generator=generator, dtype=torch.float64)
    soft = torch.nn.functional.interpolate(coarse, size=(height, width), mode="bilinear")
    grain = torch.rand(1, 3, height, width, generator=generator, dtype=torch.float64)
    return 0.8 * soft + 0.2 * grain


def noise(seed: int, height: int = H, width: int = W) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(1, 3, height, width, generator=generator, dtype=torch.float64)


WEIGHTS, CONTENT, STYLE = network(11), picture(12), picture(13, 48, 40)


def start() -> Tensor:
    return 0.5 + 0.1 * noise(14)


def li(
    weights: dict[str, Tensor], content: Tensor, style: Tensor, steps: int, **options: Any
) -> vgg.Result:
    """On smaller pictures, since it compares every position with every other."""
    small = content[..., :24, :32], style[..., :32, :24]
    return demystifying2017.run(weights, *small, steps, stop=0, **options)


RUNS: dict[str, Callable[..., vgg.Result]] = {
    "gatys2016": lambda *a: gatys2016.run(*a, start=start()),
    "gatys2015": lambda *a: gatys2016.run(*a, start=start(), version=2015),
    "gatys2016, line search": lambda *a: gatys2016.run(
        *a, start=start(), line_search="strong_wolfe"
    ),
    "article2025": lambda *a: article2025.run(*a, size=32),
    "johnson2015": lambda *a: johnson2015.run(*a, noise=noise(15)),
    "johnson2015, adam": lambda *a: johnson2015.run(*a, noise=noise(15), optimiser="adam"),
    "neural_style_pt": lambda *a: neural_style_pt.run(*a, noise=noise(15)),
    "neural_style_pt, adam": lambda *a: neural_style_pt.run(*a, optimiser="adam"),
    "gatys_pytorch": gatys_pytorch.run,
    "crowson2021": crowson2021.run,
    "crowson2021, exact, average": lambda *a: crowson2021.run(*a, root="exact", pooling="average"),
    "linear": lambda *a: li(*a, kernel="linear", noise=noise(16, 24, 32)),
    "polynomial": lambda *a: li(*a, noise=noise(16, 24, 32)),
    "bn": lambda *a: li(*a, kernel="bn", beta=1e3, noise=noise(16, 24, 32)),
    "gaussian": lambda *a: li(
        *a, kernel="gaussian", beta=1e6, generator=torch.Generator().manual_seed(17)
    ),
    "gaussian, exact": lambda *a: li(*a, kernel="gaussian", beta=1e6, exact=True),
    "polynomial, code": lambda *a: li(*a, weighting="code", beta=5),
}


@pytest.mark.parametrize("name", RUNS)
def test_loss_falls(name: str) -> None:
    result = RUNS[name](WEIGHTS, CONTENT, STYLE, 10)
    assert result.losses[9] < result.losses[0]
    assert len(result.terms) == len(result.losses)
    for total, parts in zip(result.losses, result.terms, strict=True):
        assert sum(parts.values()) == pytest.approx(total)
    assert result.picture.dtype == torch.float64
    assert result.picture.shape[:2] == (1, 3)
    assert result.picture.isfinite().all()


@pytest.mark.parametrize(
    ("program", "options"),
    [
        (gatys2016, {"start": CONTENT}),
        (article2025, {"size": 32}),
        (johnson2015, {}),
        (neural_style_pt, {"tv_weight": 0.0}),
        (gatys_pytorch, {}),
        (crowson2021, {"root": "exact", "tv_weight": 0.0}),
    ],
)
def test_nothing_is_lost_where_all_three_pictures_are_one(
    program: Any, options: dict[str, Any]
) -> None:
    result = program.run(WEIGHTS, CONTENT, CONTENT, 2, **options)
    assert abs(result.losses[0]) < 1e-6  # W2 has some rounding


@pytest.mark.parametrize("kernel", ["linear", "polynomial", "gaussian", "bn"])
def test_nothing_is_lost_by_li_where_all_three_pictures_are_one(kernel: str) -> None:
    small = CONTENT[..., :24, :32]
    result = demystifying2017.run(WEIGHTS, small, small, 2, kernel=kernel, exact=True)
    assert abs(result.losses[0]) < 1e-6


def test_float32_stays_float32() -> None:
    weights = {name: weight.float() for name, weight in WEIGHTS.items()}
    pictures = CONTENT.float(), STYLE.float()
    for program in (article2025, johnson2015, neural_style_pt, gatys_pytorch, crowson2021):
        assert program.run(weights, *pictures, 2).picture.dtype == torch.float32


def test_no_program_uses_impasto() -> None:
    for program in (
        article2025,
        crowson2021,
        demystifying2017,
        gatys2016,
        gatys_pytorch,
        johnson2015,
        neural_style_pt,
        vgg,
    ):
        source = inspect.getsource(program)
        assert "import impasto" not in source
        assert "from impasto" not in source


def test_johnson_equals_the_notebook() -> None:
    """1000/C² on F Fᵀ / N is 1000 on F Fᵀ / (C N); sides of 32 and 48 are rounded by no pooling."""
    content, style = picture(21, 32, 48), picture(22, 48, 32)
    notebook = gatys_pytorch.run(WEIGHTS, content, style, 19)
    johnson = johnson2015.run(
        WEIGHTS, content, style, 20, content_weight=1, style_weight=1e3, tv_weight=0, scale=255
    )
    # The notebook's means are Caffe's to seven digits.
    assert johnson.losses == pytest.approx(notebook.losses, rel=1e-4)


def test_johnson_equals_the_port_but_for_variation_and_rounding() -> None:
    content, style = picture(21, 32, 48), picture(22, 48, 32)
    a = johnson2015.run(WEIGHTS, content, style, 8, noise=noise(23, 32, 48), tv_weight=0)
    b = neural_style_pt.run(
        WEIGHTS, content, style, 8, noise=noise(23, 32, 48), tv_weight=0, scale=256
    )
    assert a.losses == pytest.approx(b.losses, rel=1e-9)
    assert torch.allclose(a.picture, b.picture)


def test_johnson_variation_gradient() -> None:
    x = (100 * noise(24)).requires_grad_()
    corner = x[..., :-1, :-1]
    dx, dy = x[..., :-1, 1:] - corner, x[..., 1:, :-1] - corner
    (expected,) = torch.autograd.grad((dx.square().sum() + dy.square().sum()) / 2, x)
    assert torch.allclose(johnson2015.variation_gradient(x.detach()), expected)


def test_torch7_adam_is_adam_but_for_epsilon() -> None:
    a, b = noise(25).requires_grad_(), noise(25).requires_grad_()
    goal = noise(26)

    def evaluate() -> Tensor:
        a.grad = 2 * (a.detach() - goal)
        return torch.zeros(())

    johnson2015.adam(a, evaluate, 5, lr=0.1)
    optimiser = torch.optim.Adam([b], lr=0.1)
    for _ in range(5):
        b.grad = 2 * (b.detach() - goal)
        optimiser.step()
    assert (a - b).abs().mean() < 1e-6
    assert not torch.equal(a, b)


def test_the_saved_picture_is_that_of_the_last_evaluation() -> None:
    for program in (johnson2015, neural_style_pt):
        for optimiser in ("lbfgs", "adam"):
            result = program.run(WEIGHTS, CONTENT, STYLE, 4, optimiser=optimiser)
            again = program.run(WEIGHTS, result.picture, STYLE, 2)
            assert len(result.losses) == 4
            assert again.terms[0]["style"] == pytest.approx(result.terms[3]["style"])


def test_the_polynomial_kernel_is_the_gram_loss() -> None:
    """Li et al.'s identity: the kernel, written out over all pairs, against Gatys' formula."""
    content, style = CONTENT[..., :24, :32], STYLE[..., :32, :24]
    mmd = demystifying2017.run(
        WEIGHTS, content, style, 1, beta=1e3, layer_weights=(0.2,) * 5, scale=255
    )
    gatys = gatys2016.run(
        WEIGHTS, content, style, 1, start=content, resize_style=False, round_up=False
    )
    assert mmd.losses[0] == pytest.approx(gatys.losses[0], rel=1e-9)


def test_gatys_style_is_the_notebooks_up_to_a_factor() -> None:
    """At relu1_1, before any pooling: 1/5 · 1/(4 C²) Σ against 1/C² mean, Σ being C² means."""
    content, style = picture(21, 32, 48), picture(22, 32, 48)
    weights = {n: w if n.startswith("conv1") else torch.zeros_like(w) for n, w in WEIGHTS.items()}
    gatys = gatys2016.run(weights, content, style, 1, start=content, beta=1.0)
    notebook = gatys_pytorch.run(weights, content, style, 1, style_weight=1.0)
    assert gatys.losses[0] > 0
    assert 20 * gatys.losses[0] == pytest.approx(WIDTHS[0] ** 2 * notebook.losses[0], rel=1e-6)


def test_the_linear_kernel_is_the_distance_of_means() -> None:
    x, y = noise(31)[0, 0, :, :5], noise(32)[0, 0, :30, :5]
    whole = demystifying2017.mmd(x, y, "linear", 0, 2, "paper")
    assert whole.item() == pytest.approx((x.mean(0) - y.mean(0)).square().sum().item())


def test_the_sampled_gaussian_is_unbiased() -> None:
    x, y = noise(33)[0, 0, :, :3], noise(34)[0, 0, :, :3] + 1
    generator = torch.Generator().manual_seed(35)
    drawn = [demystifying2017.sampled(x, y, generator, "paper").item() for _ in range(1000)]
    away = torch.cdist(x, y).square()
    mine, theirs = torch.cdist(x, x).square(), torch.cdist(y, y).square()
    count = len(x)
    apart = count * (count - 1)
    double = (mine.sum() / apart + theirs.sum() / apart + 2 * away.mean()) / 2  # 2σ², on average
    k = [torch.exp(-d / double) for d in (mine, theirs, away)]
    exact = (k[0].sum() - count) / apart + (k[1].sum() - count) / apart - 2 * k[2].mean()
    assert sum(drawn) / len(drawn) == pytest.approx(exact.item(), rel=0.05)


def test_li_stops_when_little_changes() -> None:
    small = CONTENT[..., :24, :32], STYLE[..., :24, :32]
    assert len(demystifying2017.run(WEIGHTS, *small, 9, stop=10.0).losses) == 1


def test_a_normalised_network_fires_one_on_average() -> None:
    scaled = gatys2016.normalised(WEIGHTS, [CONTENT, STYLE])
    relus = [name.replace("conv", "relu") for name in vgg.CONVS]
    found = [
        vgg.features(scaled, vgg.to_caffe(one), relus, pool=vgg.average_pool_up)
        for one in (CONTENT, STYLE)
    ]
    for a, b in zip(*found, strict=True):
        both = torch.cat([a[0].flatten(1), b[0].flatten(1)], dim=1).mean(dim=1)
        assert torch.allclose(both, (both > 0).double())


def test_the_article_reads_rectified_values_but_for_the_last() -> None:
    x = CONTENT[..., :32, :32]
    found = article2025.kept(WEIGHTS, x.clone())
    names = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu4_2", "conv5_1")
    for index, f in zip((0, 5, 10, 19, 21, 28), vgg.features(WEIGHTS, x, names), strict=True):
        assert torch.allclose(found[index], f)
    assert found[28].min() < 0


def test_crowson_sizes() -> None:
    assert crowson2021.sizes(128, 512) == [128, 181, 256, 362, 512]
    assert crowson2021.fit(CONTENT, 24, enlarge=True) == (20, 24)
    assert crowson2021.fit(CONTENT, 96, enlarge=True) == (80, 96)
    assert crowson2021.fit(CONTENT, 96, enlarge=False) == (40, 48)


def test_crowson_goes_through_the_sizes() -> None:
    result = crowson2021.run(WEIGHTS, CONTENT, STYLE, 3, first_steps=4, start_size=24, end_size=48)
    assert len(result.losses) == 4 + 3 + 3
    assert 0 <= result.picture.min() <= result.picture.max() <= 1


def test_crowson_roots_agree() -> None:
    _, covariance = crowson2021.gaussian(torch.cat([noise(41), noise(42) + 1], dim=1))
    roots, gradients = [], []
    for function in (crowson2021._Newton, crowson2021._Exact):
        x = covariance.clone().requires_grad_()
        root = function.apply(x)
        (gradient,) = torch.autograd.grad(root.diagonal().sum(), x)
        roots.append(root.detach())
        gradients.append(gradient)
    assert torch.allclose(roots[1] @ roots[1], covariance)
    assert torch.allclose(roots[0], roots[1], atol=1e-6)
    # The gradient of tr Σ^½ is ½ Σ^-½.
    assert torch.allclose(gradients[1], 0.5 * torch.linalg.inv(roots[1]))
    assert torch.allclose(gradients[0], gradients[1], atol=1e-6)


def test_crowson_distance_of_gaussians_that_share_axes() -> None:
    """There it is the means' distance plus the standard deviations', both as means here."""
    f = noise(43)[:, :, :20] * torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64).view(1, 3, 1, 1)
    g = 2 * f + 1
    mean, covariance = crowson2021.gaussian(g, eps=0.0)
    target = mean, covariance, crowson2021._Exact.apply(covariance)
    mine, spread = crowson2021.gaussian(f, eps=0.0)
    expected = (mean - mine).square().mean() + spread.diagonal().mean()
    distance = crowson2021.wasserstein(f, target, crowson2021._Exact.apply)
    assert distance.item() == pytest.approx(expected.item(), rel=1e-3)


def test_crowson_variation_is_the_mean_squared_slope_of_a_ramp() -> None:
    ramp = torch.arange(400, dtype=torch.float64).view(1, 1, 1, 400).expand(1, 3, 400, 400)
    # 2 (1/3 + 1/12 + 1/12) = 1, but for the borders.
    assert crowson2021.variation(ramp).item() == pytest.approx(1.0, rel=0.01)
