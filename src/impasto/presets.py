"""Named sets of options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from impasto.errors import OptionError, nearest
from impasto.options import Options


@dataclass(frozen=True)
class Preset:
    """summary: one line for a list. source: where it is from. options: what differs from the
    defaults of `Options`.
    """

    summary: str
    source: str
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])


_OURS = "impasto"

# What most publications have in common, and ours hasn't: one size, the convolutions as they were
# trained, the last step's picture, losses at the scale that was printed.
_PUBLISHED: Mapping[str, Any] = {
    "network": "vgg19",
    "precision": "float32",
    "padding": "zeros",
    "first_size": 32_768,
    "averaging": 0.0,
    "optimizer": "adam",
    "growth": 2**0.5,
    "detail": 0.0,
    "last_rate": 1.0,
    "tv_weight": 0.0,
    "content_layers": "relu4_2",
    "style_layers": "relu1_1,relu2_1,relu3_1,relu4_1,relu5_1",
}
_CAFFE: Mapping[str, Any] = {**_PUBLISHED, "network": "vgg19-caffe"}
_LBFGS: Mapping[str, Any] = {
    **_CAFFE,
    "optimizer": "lbfgs-fixed",
    "learning_rate": 1.0,
    "lbfgs_history": 100,
    "pixel_range": 255.0,
}
_GATYS = "Gatys, Ecker and Bethge"
_GATYS_LOSSES: Mapping[str, Any] = {
    **_LBFGS,
    "pooling": "average",
    "rounding": "up",
    "content_loss": "half-sum",
    "content_weight": 1.0,
    "style_loss": "gatys2016",
    "style_weight": 1e3,
    "start": "noise",
    "steps": 1000,
}
_JOHNSON: Mapping[str, Any] = {
    **_LBFGS,
    "pooling": "max",
    "content_loss": "mean",
    "content_weight": 5.0,
    "style_loss": "johnson2015",
    "style_weight": 500.0,  # 100 a layer
    "start": "grey",  # noise of 0.001 in steps of 8 bits about the mean is that
    "steps": 1000,
}

# The numbers are the authors' program's; the paper gives none.
_MMD: Mapping[str, Any] = {
    **_CAFFE,
    "size": 600,
    "pooling": "average",
    "content_loss": "half-sum",
    "content_weight": 2.0,  # the whole sum
    "tv_loss": "squared",
    "tv_weight": 1e-2 / 8 * 255**2,
    "start": "grey",  # noise of a tenth of a step of 8 bits is that
    "optimizer": "sgd",
    "learning_rate": 1e-3,
    "momentum": 0.9,
    "rate_drop": "0.9,80",
    "gradient_limit": 1.0,
    "weight_decay": 5e-4,
    "stop_change": 0.005,
    "pixel_range": 255.0,
    "clamp": "no",
    "steps": 1000,
}


def _li(kernel: str, summary: str, a_layer: float = 5.0) -> Preset:
    return Preset(
        summary,
        "Li, Wang, Liu and Hou, Demystifying Neural Style Transfer, IJCAI 2017, and "
        "github.com/lyttonhao/Neural-Style-MMD",
        {**_MMD, "style_loss": f"demystifying2017-{kernel}", "style_weight": 5 * a_layer},
    )


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "default": Preset("The painting's strokes and colours, the photograph's forms", _OURS),
        "faithful": Preset(
            "Closer to the photograph: faces, writing and windows stay",
            _OURS,
            {"content_weight": 0.2, "strength": 0.7},
        ),
        "bold": Preset(
            "Closer to the painting: larger strokes, forms give way; not for faces",
            _OURS,
            {"content_weight": 0.03, "style_scale": 1.4, "first_size": 181},
        ),
        "gatys2016": Preset(
            "The method as first published, from noise, by L-BFGS",
            f"{_GATYS}, Image Style Transfer Using Convolutional Neural Networks, CVPR 2016",
            _GATYS_LOSSES,
        ),
        "gatys2015": Preset(
            "Its forerunner: the same, with a lighter hand on the content",
            f"{_GATYS}, A Neural Algorithm of Artistic Style, arXiv 1508.06576",
            {**_GATYS_LOSSES, "style_weight": 1e4},
        ),
        "gatys-pytorch": Preset(
            "Its author's notebook: from the photograph",
            "github.com/leongatys/PytorchNeuralStyleTransfer, 2017",
            {
                **_LBFGS,
                "pooling": "max",
                "content_loss": "mean",
                "content_weight": 1.0,
                "style_loss": "johnson2015",  # 1000/C² on Grams over N is 1000 on those over C N
                "style_weight": 5e3,
                "steps": 500,
            },
        ),
        "johnson2015": Preset(
            "neural-style, the tool that made it popular",
            "github.com/jcjohnson/neural-style, 2015",
            {**_JOHNSON, "rounding": "up", "tv_loss": "squared", "tv_weight": 1e-3 * 255**2},
        ),
        "neural-style-pt": Preset(
            "neural-style for PyTorch",
            "github.com/ProGamerGov/neural-style-pt",
            {**_JOHNSON, "tv_loss": "absolute", "tv_weight": 1e-3 * 255},
        ),
        "crowson2021": Preset(
            "Wasserstein-2 from small to large, by Adam, averaged",
            "github.com/crowsonkb/style-transfer-pytorch, 2021",
            {
                **_PUBLISHED,
                "padding": "auto",
                "pooling": "max",
                "content_loss": "mean",
                "content_weight": 0.015,
                "style_loss": "crowson2021",
                "style_layers": "relu1_1:256,relu2_1:64,relu3_1:16,relu4_1:4,relu5_1",
                "tv_loss": "crowson2021",
                "tv_weight": 2.0,
                "learning_rate": 0.02,
                "adam_epsilon": 1e-8,
                "averaging": 0.99,
                "first_size": 128,
                "steps": 3000,
            },
        ),
        "demystifying2017-linear": _li("linear", "Means of features alone (MMD, linear kernel)"),
        "demystifying2017-poly": _li("poly", "Gram matrices (MMD, polynomial kernel)"),
        "demystifying2017-gaussian": _li(
            "gaussian", "All there is in a distribution, by sampled pairs (MMD, Gaussian kernel)"
        ),
        "demystifying2017-bn": _li(
            "bn", "Means and deviations of features (BN statistics)", a_layer=1.0
        ),
        "article2025": Preset(
            "Raw Grams on pictures as they are, squashed to 224 x 224",
            "Creating art using CNNs, 2025",
            {
                **_PUBLISHED,
                "preprocessing": "none",
                "fit": "square",
                "size": 224,
                "pooling": "max",
                "content_loss": "mean",
                "content_weight": 1.0,
                "style_layers": "relu1_1,relu2_1,relu3_1,relu4_1,conv5_1",
                "style_loss": "article2025",
                "style_weight": 0.05,  # 0.01 a layer
                "learning_rate": 1e-3,
                "adam_betas": "0.9,0.999",
                "adam_epsilon": 1e-8,
                "clamp": "no",
                "steps": 6000,
            },
        ),
    }
)


def resolve(preset: str = "default", changes: Mapping[str, Any] | None = None) -> Options:
    """The options of a preset, with changes on top.

    Raises OptionError for a preset or an option that isn't there, or a value that doesn't fit.
    """
    if preset not in PRESETS:
        advice = f"{nearest(preset, PRESETS)} (impasto presets lists them all)"
        raise OptionError(f"there is no preset {preset!r}; {advice}")
    return Options().changed({**PRESETS[preset].options, "preset": preset, **(changes or {})})
