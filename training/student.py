"""The network that learns: a thin VGG-19 up to conv5_1."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from impasto.networks.layout import Weights
from impasto.networks.vgg import CONVS

MEAN, STD = 0.45, 0.25  # of pictures, about: what the student subtracts and divides by
TAPPED = {1: 16, 2: 32, 3: 64, 4: 128, 5: 128}  # channels of conv1_1, conv2_1, ... at most
HIDDEN = {1: 24, 2: 64, 3: 96, 4: 192}  # and of those between them, by block
LEAK = 0.01  # of tapped layers where they are compared in training
LAYERS = tuple("relu" + conv[4:] for conv in CONVS[: CONVS.index("conv5_1") + 1])
TAPS = tuple(layer for layer in LAYERS if layer.endswith("_1"))


class Student(nn.Module):
    """Features by layer, at a scale where the teacher's have deviation 1.

    A tapped layer has a channel for each of the teacher's, if those are not too many, and is
    compared channel by channel. Any other layer is compared through a linear map of its own (1x1),
    which is learnt with it and then dropped.
    """

    def __init__(self, channels: Mapping[str, int]) -> None:
        """channels: how many the teacher has that ever fire, for each of LAYERS."""
        super().__init__()
        self.convs, self.maps = nn.ModuleDict(), nn.ModuleDict()
        width = 3
        for layer in LAYERS:
            block, before = int(layer[4]), width
            tapped = layer in TAPS
            width = min(channels[layer], TAPPED[block]) if tapped else HIDDEN[block]
            conv = nn.Conv2d(before, width, 3)
            nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
            nn.init.zeros_(conv.bias)
            self.convs[layer] = conv
            if not tapped or channels[layer] > width:
                self.maps[layer] = nn.Conv2d(width, channels[layer], 1)

    def adopt(
        self, state: Mapping[str, Tensor], layers: Collection[str], *, fixed: bool = True
    ) -> None:
        """Take these layers from another student's state; if fixed, they learn no more.

        Maps that the state hasn't got stay as they are. ValueError where a layer's size differs.
        """
        for name, parameter in self.named_parameters():
            part, layer, _ = name.split(".")
            if layer not in layers:
                continue
            if name in state:
                if parameter.shape != state[name].shape:
                    raise ValueError(
                        f"{name} is {tuple(state[name].shape)} there and "
                        f"{tuple(parameter.shape)} here: go on after an earlier layer"
                    )
                parameter.data.copy_(state[name])
            elif part == "convs":
                raise ValueError(f"{name} is missing there")
            parameter.requires_grad_(not fixed)

    def can_be_fed(self) -> bool:
        """Whether every tapped layer has the teacher's channels, so that they may replace it."""
        return not any(layer in self.maps for layer in TAPS)

    def forward(
        self,
        pictures: Tensor,
        fed: Mapping[str, Tensor] | None = None,
        layers: Sequence[str] = LAYERS,
    ) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """(features of each layer, those of `layers` as the teacher would have them).

        fed: the teacher's; each tapped layer of the student then starts from those before it, so
        that all stages learn at once, and stages without any of `layers` are left out. In training
        mode tapped layers are compared as they leak, so that a channel which stopped firing is
        called back.
        """
        x = (pictures - MEAN) / STD
        features: dict[str, Tensor] = {}
        compared: dict[str, Tensor] = {}
        stages = {stage(layer) for layer in layers}
        last = max(LAYERS.index(layer) for layer in layers)
        for layer, conv in list(self.convs.items())[: last + 1]:
            if fed is not None and stage(layer) not in stages:
                if layer in TAPS and layer in fed:
                    x = fed[layer].to(x.dtype)
                continue
            if layer in TAPS and layer != TAPS[0]:
                x = F.max_pool2d(x, 2)
            before = conv(F.pad(x, (1, 1, 1, 1), mode="reflect"))
            features[layer] = x = F.relu(before)
            if layer in self.maps:
                if layer in layers:
                    compared[layer] = self.maps[layer](x)
            elif layer in layers:
                compared[layer] = F.leaky_relu(before, LEAK) if self.training else x
            if fed is not None and layer in TAPS and layer in fed:
                x = fed[layer].to(x.dtype)
        return features, compared

    def weights(self, name: str, tap_scale: Mapping[str, float]) -> Weights:
        """What impasto loads; `tap_scale` brings each layer to the teacher's scale."""
        tensors = {
            f"{'conv' + layer[4:]}.{kind}": getattr(conv, kind).detach().float().cpu()
            for layer, conv in self.convs.items()
            for kind in ("weight", "bias")
        }
        return Weights(
            name, "", tensors, "rgb", 1.0, (MEAN,) * 3, (STD,) * 3, "max", "reflect", tap_scale
        )


def stage(layer: str) -> str:
    """The tapped layer that `layer` leads to, or is."""
    return next(tap for tap in TAPS if LAYERS.index(tap) >= LAYERS.index(layer))


def alive(features: Tensor) -> Tensor:
    """The indices of the channels of (N, C, H, W) that ever fire."""
    return features.amax(dim=(0, 2, 3)).gt(0).nonzero().flatten()


def deviation(features: Tensor) -> Tensor:
    """Root of the mean over channels of the variance over pictures and positions, a scalar."""
    return features.float().var(dim=(0, 2, 3)).mean().sqrt()
