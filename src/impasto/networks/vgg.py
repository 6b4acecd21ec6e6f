"""VGG-19's convolutions (Simonyan and Zisserman 2014), at any channel width."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from impasto.errors import NetworkError, OptionError, nearest
from impasto.networks.borders import Ends
from impasto.networks.convolution import convolve
from impasto.networks.pooling import largest

if TYPE_CHECKING:
    from impasto.networks.layout import Weights

CONVS = tuple(
    f"conv{block}_{i}" for block, n in enumerate((2, 2, 4, 4, 4), 1) for i in range(1, n + 1)
)
LAYERS = tuple(name for conv in CONVS for name in (conv, conv.replace("conv", "relu")))
"""The names features are asked by: convB_I before the rectifier, reluB_I after it."""


def depth(layer: str) -> int:
    """How many poolings lie before a layer: its features are the picture's size over 2**depth."""
    return int(layer[4]) - 1


def smallest(layers: Iterable[str], positions: int = 2) -> int:
    """Side in pixels of the smallest picture that leaves every layer so many positions a side."""
    return max(positions * 2 ** depth(layer) for layer in layers)


@dataclass(frozen=True)
class Block:
    """The convolutions between two poolings, as far as layers need them.

    number:   from 1; its features are the picture's size over 2**(number - 1).
    convs:    those to run, in order.
    taps:     layers asked for.
    goes_on:  whether a deeper block needs what comes out.
    """

    number: int
    convs: tuple[str, ...]
    taps: tuple[str, ...]
    goes_on: bool

    def reach(self, layer: str) -> int:
        """How many positions to each side a layer's features see: one for each convolution."""
        return self.convs.index("conv" + layer[4:]) + 1


class VGG(nn.Module):
    """Features of pictures, by the literature's layer names.

    Call it with pictures (1, 3, H, W), sRGB in [0, 1]; what the network was trained to see (means,
    channel order, scale) is made of them inside. Convolutions run in the dtype of the parameters,
    which is float32 until `set_precision`. Parameters take no gradient.
    """

    def __init__(
        self,
        weights: Weights,
        *,
        pooling: str = "auto",
        padding: str = "auto",
        rounding: str = "down",
    ) -> None:
        """pooling: auto (as trained), max or average.
        rounding: of odd sizes at a pooling: down drops the last row, up pools it on its own.
        padding: auto (as trained, but replicate instead of zeros at the first convolution, where
        zeros would darken borders), zeros, replicate, reflect or circular.
        """
        super().__init__()
        self.name, self.sha256 = weights.name, weights.sha256
        self.pooling = weights.pooling if pooling == "auto" else pooling
        self.wraps = padding == "circular"
        self.rounds_up = rounding == "up"
        self._trained = weights.padding
        self.convs = nn.ModuleDict()
        self._float32: dict[str, Tensor] = {}  # for the way back from a lower precision
        before = 1.0
        for name in CONVS:
            if f"{name}.weight" not in weights.tensors:
                break
            # tap_scale is folded into the weights: what one layer gains the next one divides by,
            # which rectifier and pooling let through unchanged.
            scale = weights.tap_scale.get("relu" + name[4:], 1.0)
            kernel = weights.tensors[f"{name}.weight"] * (scale / before)
            kernel = kernel.contiguous(memory_format=torch.channels_last)
            bias, before = weights.tensors[f"{name}.bias"] * scale, scale
            # On "meta" torch spends no time, and nothing of the global seed, on random weights.
            conv = nn.Conv2d(kernel.shape[1], kernel.shape[0], 3, device="meta")
            conv.weight, conv.bias = nn.Parameter(kernel), nn.Parameter(bias)
            self._float32[f"{name}.weight"], self._float32[f"{name}.bias"] = kernel, bias
            self.convs[name] = conv
        self.padding = self._padding(padding)
        self.requires_grad_(False)
        # (x · scale - mean) / std, with channels reordered, as one affine map a channel; in
        # float64, of which a picture takes what its own dtype holds.
        mean, std = (torch.tensor(v, dtype=torch.float64) for v in (weights.mean, weights.std))
        self.flip = weights.order == "bgr"
        self._gain, self._shift = weights.scale / std, -mean / std

    def set_precision(self, dtype: torch.dtype) -> VGG:
        """Convolve in bfloat16, float32 or float64; the input is normalised in its own dtype."""
        for name, parameter in self.convs.named_parameters():
            if parameter.dtype != dtype:
                parameter.data = self._float32[name].to(parameter.device, dtype)
        return self

    def placed(self, device: torch.device, dtype: torch.dtype) -> VGG:
        """A copy on a device and in a precision: whoever else uses this one isn't disturbed."""
        return copy.deepcopy(self).to(device).set_precision(dtype)

    def unwrapped(self) -> VGG:
        """For pictures that don't wrap around: this network, or, where it pads in circles, one of
        the same parameters that pads as it was trained to.
        """
        if not self.wraps:
            return self
        other = copy.copy(self)
        other.wraps, other.padding = False, self._padding("auto")
        return other

    def _padding(self, asked: str) -> dict[str, str]:
        inner = self._trained if asked == "auto" else asked
        first = "replicate" if asked == "auto" and inner == "zeros" else inner
        return {name: first if name == CONVS[0] else inner for name in self.convs}

    def layers(self) -> tuple[str, ...]:
        """The names of the layers that this network has."""
        return tuple(layer for layer in LAYERS if "conv" + layer[4:] in self.convs)

    def width(self, layer: str) -> int:
        """The number of channels of a layer."""
        return int(self.convs["conv" + layer[4:]].bias.shape[0])  # pyright: ignore

    def shape(self, layer: str, height: int, width: int) -> tuple[int, int, int, int]:
        """Of a layer's features of a picture so high and wide."""
        for _ in range(depth(layer)):
            height, width = self.pooled(height), self.pooled(width)
        return 1, self.width(layer), height, width

    def grey(self) -> Tensor:
        """(1, 3, 1, 1): the RGB colour in [0, 1] that the network is given as nought."""
        colour = (-self._shift / self._gain).view(1, 3, 1, 1)
        return colour.flip(1) if self.flip else colour

    def check_names(self, layers: Iterable[str]) -> None:
        """OptionError for a layer that this network doesn't have."""
        known = self.layers()
        for layer in layers:
            if layer not in known:
                raise OptionError(f"{self.name} has no layer {layer!r}; {nearest(layer, known)}")

    def check(
        self,
        positions: Mapping[str, int],
        width: int,
        height: int,
        what: str = "the picture",
        remedy: str = "give a larger one",
    ) -> None:
        """NetworkError if `what`, a picture of this size, leaves one of the layers fewer positions
        a side than it must have. remedy: what to do then.
        """
        self.check_names(positions)
        needs = {smallest([layer], least): layer for layer, least in positions.items()}
        side = max(needs, default=0)
        if min(width, height) < side:
            raise NetworkError(
                f"{what} is {width}x{height} pixels; {needs[side]} needs at least {side}x{side}: "
                f"{remedy}"
            )

    def forward(self, pictures: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        """{layer: (N, C, H / 2**depth, W / 2**depth)}, running no deeper than the layers asked for.

        Sizes are rounded down at each pooling, or up: only where they are multiples of 2**depth do
        poolings wrap around, as circular padding does. tap_scale has been applied.
        """
        self.check(dict.fromkeys(layers, 2), pictures.shape[3], pictures.shape[2])
        x = self.shown(pictures)
        features: dict[str, Tensor] = {}
        for block in self.blocks(layers):
            found, x = self.run(block, x)
            features |= found
            if block.goes_on:
                x = self.pool(block, x)
        return features

    def blocks(self, layers: Iterable[str]) -> tuple[Block, ...]:
        """The blocks that the layers take, none deeper than they need."""
        wanted = sorted(set(layers), key=LAYERS.index)
        last = wanted[-1]
        convs = [name for name in self.convs if name <= "conv" + last[4:]]
        return tuple(
            Block(
                number,
                tuple(name for name in convs if depth(name) == number - 1),
                tuple(layer for layer in wanted if depth(layer) == number - 1),
                goes_on=number <= depth(last),
            )
            for number in range(1, depth(last) + 2)
        )

    def shown(self, pictures: Tensor) -> Tensor:
        """What the first block takes of pictures, normalised in their own dtype."""
        gain, shift = (v.to(pictures).view(1, 3, 1, 1) for v in (self._gain, self._shift))
        x = (pictures.flip(1) if self.flip else pictures) * gain + shift
        return x.to(self.dtype, memory_format=torch.channels_last)

    def unshown(self, gradient: Tensor, kind: torch.dtype) -> Tensor:
        """The gradient in pictures, of dtype `kind`, of that in what `shown` makes of them."""
        g = gradient.to(kind, memory_format=torch.contiguous_format)
        g = g * self._gain.to(g).view(1, 3, 1, 1)
        return g.flip(1) if self.flip else g

    @property
    def dtype(self) -> torch.dtype:
        """In which convolutions run."""
        return next(self.convs.parameters()).dtype

    def run(
        self, block: Block, x: Tensor, ends: Ends = (True, True)
    ) -> tuple[dict[str, Tensor], Tensor]:
        """The features of a block's taps, and what comes out of it, for `pool` to take.

        ends: whether the picture ends above and below x, and is padded there. Where it goes on,
        each convolution leaves one row less.
        """
        features: dict[str, Tensor] = {}
        for name in block.convs:
            conv, relu = self.convs[name], "relu" + name[4:]
            assert isinstance(conv, nn.Conv2d)
            assert conv.bias is not None
            tapped = name in block.taps
            rectified = not tapped and not (name == block.convs[-1] and self.late(block))
            x = convolve(x, conv.weight, conv.bias, self.padding[name], ends, rectified=rectified)
            if tapped:
                features[name] = x
                x = F.relu(x)
            if relu in block.taps:
                features[relu] = x
        return features, x

    def pool(self, block: Block, x: Tensor) -> Tensor:
        """What the next block takes of what comes out of one: positions two by two. An odd last row
        or column is dropped, or, where poolings round up, pooled on its own.
        """
        if self.late(block):
            return largest(x, rounds_up=self.rounds_up)
        pool = F.max_pool2d if self.pooling == "max" else F.avg_pool2d
        return pool(x, 2, ceil_mode=self.rounds_up)

    def late(self, block: Block) -> bool:
        """Whether a block's last rectifier comes with the pooling."""
        tapped = any(layer[4:] == block.convs[-1][4:] for layer in block.taps)
        return block.goes_on and self.pooling == "max" and not tapped

    def pooled(self, side: int) -> int:
        """What `pool` leaves of a side of so many positions."""
        return (side + self.rounds_up) // 2
