"""VGG against a plain reference that shares no code with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from impasto.errors import NetworkError, OptionError
from impasto.networks.layout import Weights
from impasto.networks.vgg import LAYERS, VGG, smallest

PLAN = (
    "conv1_1 relu conv1_2 relu pool conv2_1 relu conv2_2 relu pool "
    "conv3_1 relu conv3_2 relu conv3_3 relu conv3_4 relu pool "
    "conv4_1 relu conv4_2 relu conv4_3 relu conv4_4 relu pool "
    "conv5_1 relu conv5_2 relu conv5_3 relu conv5_4 relu"
)
WIDTHS = (4, 6, 8, 8, 10, 9, 8, 7, 11, 10, 9, 8, 12, 5, 6, 7)


def make(deepest: str = "conv5_4", **changes: object) -> Weights:
    """Random weights of a width for each layer; the picture goes in as it is."""
    generator = torch.Generator().manual_seed(0)
    tensors: dict[str, Tensor] = {}
    before = 3
    for name, width in zip((p for p in PLAN.split() if p.startswith("conv")), WIDTHS, strict=True):
        kernel = torch.randn(width, before, 3, 3, generator=generator)
        tensors[f"{name}.weight"] = kernel * (2 / (9 * before)) ** 0.5
        tensors[f"{name}.bias"] = torch.randn(width, generator=generator) * 0.2
        before = width
        if name == deepest:
            break
    plain = ("rgb", 1.0, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), "max", "zeros")
    return replace(Weights("tiny", "0" * 64, tensors, *plain), **changes)


def picture(height: int, width: int, seed: int = 1) -> Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed))


def reference(
    tensors: Mapping[str, Tensor], x: Tensor, pooling: str, padding: Callable[[str], str]
) -> dict[str, Tensor]:
    """Features of all layers, step by step: pads with indices, pools with strided slices."""
    features: dict[str, Tensor] = {}
    name = ""
    for step in PLAN.split():
        if step == "pool":
            h, w = x.shape[2] // 2 * 2, x.shape[3] // 2 * 2
            corners = torch.stack([x[..., i:h:2, j:w:2] for i in (0, 1) for j in (0, 1)])
            x = corners.amax(0) if pooling == "max" else corners.mean(0)
        elif step == "relu":
            x = torch.where(x > 0, x, torch.zeros(()))
            features["relu" + name[4:]] = x
        else:
            name = step
            padded = pad(x, padding(name))
            x = F.conv2d(padded, tensors[f"{name}.weight"], tensors[f"{name}.bias"])
            features[name] = x
    return features


def pad(x: Tensor, how: str) -> Tensor:
    """One position more on each side."""

    def around(n: int) -> list[int]:
        ends = {"replicate": (0, n - 1), "reflect": (1, n - 2), "circular": (n - 1, 0)}[how]
        return [ends[0], *range(n), ends[1]]

    if how == "zeros":
        larger = x.new_zeros(*x.shape[:2], x.shape[2] + 2, x.shape[3] + 2)
        larger[..., 1:-1, 1:-1] = x
        return larger
    return x[..., around(x.shape[2]), :][..., around(x.shape[3])]


@pytest.mark.parametrize("pooling", ["max", "average"])
@pytest.mark.parametrize("padding", ["zeros", "replicate", "reflect", "circular"])
def test_features_are_the_references_at_odd_sizes(pooling: str, padding: str) -> None:
    weights, x = make(), picture(37, 51)
    found = VGG(weights, pooling=pooling, padding=padding)(x, LAYERS)
    wanted = reference(weights.tensors, x, pooling, lambda _: padding)
    assert list(found) == list(wanted) == list(LAYERS)
    for layer in LAYERS:
        torch.testing.assert_close(found[layer], wanted[layer], rtol=1e-4, atol=1e-5, msg=layer)
    assert found["relu5_4"].shape == (1, 7, 2, 3)


@pytest.mark.parametrize("trained", ["zeros", "replicate", "reflect"])
def test_auto_is_as_trained_but_zeros_pad_no_picture(trained: str) -> None:
    weights, x = make(pooling="average", padding=trained), picture(32, 32)
    first = "replicate" if trained == "zeros" else trained
    wanted = reference(
        weights.tensors, x, "average", lambda name: first if name == "conv1_1" else trained
    )
    for layer, features in VGG(weights)(x, ["conv1_1", "conv3_2"]).items():
        torch.testing.assert_close(features, wanted[layer], rtol=1e-4, atol=1e-5)


def test_a_picture_that_wraps_has_features_that_do_and_other_pictures_are_seen_as_ever() -> None:
    network, x = VGG(make(), padding="circular"), picture(32, 64)
    rolled = network(x.roll((16, 32), (2, 3)), ["relu5_1"])["relu5_1"]
    torch.testing.assert_close(rolled, network(x, ["relu5_1"])["relu5_1"].roll((1, 2), (2, 3)))
    plain = network.unwrapped()
    torch.testing.assert_close(plain(x, ["relu3_1"]), VGG(make())(x, ["relu3_1"]))
    assert network.wraps and not plain.wraps and plain.unwrapped() is plain


def test_a_constant_picture_has_constant_features_up_to_its_border() -> None:
    flat = torch.full((1, 3, 9, 8), 0.4)
    features = VGG(make())(flat, ["conv1_1"])["conv1_1"]
    torch.testing.assert_close(features, features[..., 4:5, 4:5].expand_as(features))
    dark = VGG(make(), padding="zeros")(flat, ["conv1_1"])["conv1_1"]
    assert not torch.allclose(dark[..., 0, :], dark[..., 4, :])


def test_a_conv_layer_is_read_before_its_rectifier() -> None:
    found = VGG(make())(picture(16, 16), ["conv2_1", "relu2_1"])
    assert found["conv2_1"].min() < 0
    torch.testing.assert_close(found["relu2_1"], found["conv2_1"].clamp(min=0))


def test_the_picture_is_normalised_inside() -> None:
    """A first layer that picks out single channels shows what the network is given."""
    identity = torch.zeros(3, 3, 3, 3)
    identity[[0, 1, 2], [0, 1, 2], 1, 1] = 1
    tensors = {"conv1_1.weight": identity, "conv1_1.bias": torch.zeros(3)}
    x = torch.tensor([0.2, 0.5, 1.0]).view(1, 3, 1, 1).expand(1, 3, 4, 4)

    def seen(**changes: object) -> Tensor:
        return VGG(make(tensors=tensors, **changes))(x, ["conv1_1"])["conv1_1"][0, :, 1, 2]

    torchvision = seen(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
    torch.testing.assert_close(torchvision, torch.tensor([-1.2445415, 0.1964286, 2.64]))
    caffe = seen(order="bgr", scale=255.0, mean=(103.939, 116.779, 123.68))
    torch.testing.assert_close(caffe, torch.tensor([151.061, 10.721, -72.68]))


def test_nothing_deeper_than_asked_is_run() -> None:
    network = VGG(make())
    for name, conv in network.convs.items():
        if name > "conv3_1":  # kernels that can't be convolved with
            conv.weight = nn.Parameter(torch.zeros(0), requires_grad=False)
    x = picture(32, 32)
    assert list(network(x, ["relu3_1", "conv1_2"])) == ["conv1_2", "relu3_1"]
    with pytest.raises(RuntimeError):
        network(x, ["conv3_2"])


def test_parameters_take_no_gradient_but_pictures_do() -> None:
    network = VGG(make())
    assert not any(p.requires_grad for p in network.parameters())
    x = picture(8, 8).requires_grad_()
    network(x, ["conv2_1"])["conv2_1"].square().sum().backward()
    assert x.grad is not None and x.grad.abs().min() > 0


def test_the_gradient_reaches_a_picture_exactly() -> None:
    network = VGG(make("conv2_1"), pooling="average").double()
    x = picture(4, 5).double().requires_grad_()
    assert torch.autograd.gradcheck(lambda x: network(x, ["conv2_1"])["conv2_1"], (x,))


def test_tap_scale_brings_a_layer_to_size_and_changes_none_that_follow() -> None:
    x, layers = picture(16, 16), ["conv1_2", "relu1_2", "relu2_1"]
    plain = VGG(make())(x, layers)
    scaled = VGG(make(tap_scale={"relu1_2": 2.5}))(x, layers)
    torch.testing.assert_close(scaled["relu1_2"], 2.5 * plain["relu1_2"])
    torch.testing.assert_close(scaled["conv1_2"], 2.5 * plain["conv1_2"])
    torch.testing.assert_close(scaled["relu2_1"], plain["relu2_1"])


def test_bfloat16_is_close_and_the_way_back_is_exact() -> None:
    network, x, layers = VGG(make()), picture(48, 40), ["relu1_1", "relu3_1", "relu5_1"]
    exact = network(x, layers)
    rough = network.set_precision(torch.bfloat16)(x, layers)
    for layer in layers:
        assert rough[layer].dtype == torch.bfloat16
        error = (rough[layer].float() - exact[layer]).norm() / exact[layer].norm()
        assert 0 < error < 0.02
    again = network.set_precision(torch.float32)(x, layers)
    assert all(torch.equal(again[layer], exact[layer]) for layer in layers)


def test_making_a_network_leaves_the_global_seed_and_the_weights_alone() -> None:
    weights = make()
    before, state = {k: t.clone() for k, t in weights.tensors.items()}, torch.get_rng_state()
    VGG(weights).set_precision(torch.bfloat16)(picture(32, 32), ["relu5_4"])
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(t, before[k]) for k, t in weights.tensors.items())


@pytest.mark.parametrize(("layer", "side"), [("conv1_1", 2), ("relu2_2", 4), ("conv5_1", 32)])
def test_too_small_a_picture_is_refused_by_name_and_size(layer: str, side: int) -> None:
    network = VGG(make())
    assert smallest([layer, "conv1_1"]) == side
    assert min(network(picture(side, side + 1), [layer])[layer].shape[2:]) == 2
    wanted = f"{side - 1}x{side + 3} pixels; {layer} needs at least {side}x{side}"
    with pytest.raises(NetworkError, match=wanted):
        network(picture(side + 3, side - 1), ["conv1_1", layer])


def test_a_layer_that_is_not_there_names_the_nearest() -> None:
    network = VGG(make("conv4_2"))
    assert network.layers()[-1] == "relu4_2"
    with pytest.raises(OptionError, match=r"tiny has no layer 'relu4_22'; did you mean relu4_2\?"):
        network(picture(64, 64), ["relu4_22"])
    with pytest.raises(OptionError, match="tiny has no layer 'relu5_1'; did you mean relu"):
        network.check(["relu5_1"], 512, 512)
