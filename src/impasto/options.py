"""Every option of painting, declared once.

The command line's flags, the checks, the recipe embedded in a picture and the reference all derive
from the fields of `Options`. Nothing here imports torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, cast

from impasto.errors import OptionError, nearest
from impasto.spec import Kind, Parts, Spec, checked, typed


def _option(default: Any, kind: Kind, group: str, text: str, **more: Any) -> Any:
    if useful := more.get("useful"):
        text = f"{text.removesuffix('.')}; {useful[0]:g} to {useful[1]:g} are useful."
    return field(default=default, metadata={"spec": Spec(kind, text, group, **more)})


GROUPS = ("Picture", "Network", "Machine", "For experts")


@dataclass(frozen=True, kw_only=True)
class Options:
    """All that decides how a picture is painted, beside the pictures themselves.

    Values are checked, and texts ("relu4_1:2,relu5_1") understood, when an Options is made;
    OptionError says which value doesn't fit and what would.
    """

    preset: str = _option(
        "default", "text", "Picture", "A named look, which the other options change."
    )
    size: int = _option(
        512, "int", "Picture", "Long side of the result.", low=16, high=32_768, unit="px", step=16
    )
    quality: str = _option(
        "normal",
        "choice",
        "Picture",
        "How many steps to take: few, for a look (draft); enough (normal); or as many as still "
        "show (best).",
        choices=("draft", "normal", "best"),
    )
    content_weight: float = _option(
        0.07, "float", "Picture", "How much of the photograph to keep.", useful=(0.02, 0.3)
    )
    strength: float = _option(
        1.0,
        "float",
        "Picture",
        "How far to go from the photograph, 0, to the style, 1.",
        high=1,
    )
    color: str = _option(
        "free",
        "choice",
        "Picture",
        "Colours: the painting's (free); the photograph's, of which only the light is painted "
        "(keep); or the painting recoloured to the photograph's before it is used (match, "
        "histogram).",
        choices=("free", "keep", "match", "histogram"),
    )
    style_scale: float = _option(
        1.0,
        "float",
        "Picture",
        "Size of the strokes: the painting is read at this multiple of the picture's size.",
        low=0.05,
        high=20,
        useful=(0.5, 2),
    )
    style_weights: tuple[float, ...] = _option(
        (),
        "numbers",
        "Picture",
        "Share of each style in the blend, by commas; equal unless given.",
    )
    tv_weight: float = _option(
        0.1, "float", "Picture", "How smooth surfaces are (total variation).", useful=(0, 1)
    )
    start: Parts = _option(
        (("content", 1.0),),
        "parts",
        "Picture",
        "What painting starts from: content, noise, style, grey, a picture of your own "
        "(start_picture), or a mixture (content:3,noise:1).",
        choices=("content", "noise", "style", "grey", "picture"),
        part="start",
    )
    seed: int = _option(
        0,
        "int",
        "Picture",
        "Seed of what is random (noise, samples): the same seed, the same picture.",
        high=2**63 - 1,
    )
    network: str = _option(
        "vgg19-lite",
        "text",
        "Network",
        "The network that looks: vgg19-lite (comes with impasto), vgg19 or vgg19-caffe (the "
        "literature's, fetched once), or a checkpoint file.",
    )
    pooling: str = _option(
        "auto",
        "choice",
        "For experts",
        "Pooling between blocks; auto = as the network was trained.",
        choices=("auto", "max", "average"),
    )
    rounding: str = _option(
        "down",
        "choice",
        "For experts",
        "A pooling of an odd size drops the last row and column (down), or pools them on their own "
        "(up), as Caffe does.",
        choices=("down", "up"),
    )
    padding: str = _option(
        "auto",
        "choice",
        "For experts",
        "Padding of convolutions; auto = as trained, but replicate at the first one, which keeps "
        "borders clean; circular = the picture wraps around, and repeats without a seam.",
        choices=("auto", "zeros", "replicate", "reflect", "circular"),
    )
    preprocessing: str = _option(
        "auto",
        "choice",
        "For experts",
        "What the network is given: auto = colours normalised as it was trained with; none = RGB "
        "from 0 to 1.",
        choices=("auto", "none"),
    )
    fit: str = _option(
        "keep",
        "choice",
        "For experts",
        "The picture's shape: kept, or, as some published programs do, squashed to a square.",
        choices=("keep", "square"),
    )
    content_layers: Parts = _option(
        (("relu1_1", 0.25), ("relu2_1", 0.5), ("relu3_1", 1.0), ("relu4_1", 1.0)),
        "parts",
        "For experts",
        "Layers that carry the content, each with an optional weight.",
    )
    style_layers: Parts = _option(
        (
            ("relu1_1", 1.0),
            ("relu2_1", 1.0),
            ("relu3_1", 1.0),
            ("relu4_1", 1.0),
            ("relu5_1", 1.0),
        ),
        "parts",
        "For experts",
        "Layers that carry the style, each with an optional weight.",
    )
    style_loss: Parts = _option(
        (("wasserstein", 1.0),),
        "parts",
        "For experts",
        "How styles are compared, one way or a mixture by weight, as a share of the features' "
        "energy: wasserstein, gram, statistics, mean, gaussian, sliced, patches, histogram; or at "
        "the scale of a publication: gatys2016, johnson2015, notebook2017, article2025, "
        "crowson2021, demystifying2017-linear, -poly, -gaussian, -bn. One may have layers of its "
        "own, with weights: wasserstein,patches@relu3_1+relu4_1=2:0.5.",
        choices=(
            "wasserstein",
            "gram",
            "statistics",
            "mean",
            "gaussian",
            "sliced",
            "patches",
            "histogram",
            "gatys2016",
            "johnson2015",
            "notebook2017",
            "article2025",
            "crowson2021",
            "demystifying2017-linear",
            "demystifying2017-poly",
            "demystifying2017-gaussian",
            "demystifying2017-bn",
        ),
        part="loss",
        placed=True,
    )
    style_weight: float = _option(
        1.0, "float", "For experts", "Weight of all style losses together."
    )
    content_loss: str = _option(
        "restyled",
        "choice",
        "For experts",
        "Content as a share of the features' energy, against the photograph's features with the "
        "style's statistics (restyled) or as they are (plain); or, as printed, half the sum or the "
        "mean of squares.",
        choices=("restyled", "plain", "half-sum", "mean"),
    )
    color_match: str = _option(
        "pca",
        "choice",
        "For experts",
        "How color=match finds its linear map.",
        choices=("pca", "cholesky"),
    )
    tv_loss: str = _option(
        "scaled",
        "choice",
        "For experts",
        "Total variation: a mean over all eight neighbours (scaled: that means the same at any "
        "size from 512 pixels on; crowson2021: as printed), or sums of squares or of sizes.",
        choices=("scaled", "nine-point", "squared", "absolute", "crowson2021"),
    )
    steps: int = _option(
        0,
        "int",
        "For experts",
        "Steps in all, spread over the sizes; 0 = as the quality says.",
        high=999_999,
    )
    first_size: int = _option(
        256,
        "int",
        "For experts",
        "Long side at which painting starts, or more where the short side would be under half of "
        "it; sizes grow from there. A smaller start gives larger forms, and keeps less of faces.",
        low=16,
        high=32768,
        unit="px",
        step=16,
    )
    growth: float = _option(
        2.0,
        "float",
        "For experts",
        "Each size is at most this many times the one before.",
        low=1.1,
        high=32_768,
    )
    detail: float = _option(
        1.0,
        "float",
        "For experts",
        "At each larger size, how much to give back of the photograph's detail that the one before "
        "was too small for.",
        high=1,
    )
    optimizer: str = _option(
        "lbfgs",
        "choice",
        "For experts",
        "What moves the picture: lbfgs, with a line search, at all scales at once; lbfgs-fixed, as "
        "in the papers, with steps of one length; adam; or sgd, down the gradient, with momentum.",
        choices=("lbfgs", "lbfgs-fixed", "adam", "sgd"),
    )
    learning_rate: float = _option(
        0.0,
        "float",
        "For experts",
        "Step size (of lbfgs the first one's); 0 = the optimiser's own, 0.03 for lbfgs and adam, 1 "
        "for lbfgs-fixed, 0.001 for sgd.",
        high=1000,
    )
    last_rate: float = _option(
        0.3,
        "float",
        "For experts",
        "Within a size the step size, but lbfgs's, shrinks to this share of itself; 1 = it stays.",
        high=1,
    )
    rate_drop: tuple[float, ...] = _option(
        (),
        "numbers",
        "For experts",
        "Within a size the step size is multiplied by the first number each time that the second "
        "number of steps is made: 0.9,80.",
    )
    adam_betas: tuple[float, ...] = _option(
        (0.9, 0.99),
        "numbers",
        "For experts",
        "Decay of Adam's means of gradient and squared gradient.",
        high=0.99999,
    )
    adam_epsilon: float = _option(
        1e-12, "float", "For experts", "What Adam's divisor is kept from 0 by.", high=1
    )
    lbfgs_history: int = _option(
        10,
        "int",
        "For experts",
        "Steps that L-BFGS remembers; lbfgs fewer of a picture so large that they would take more "
        "than a quarter of a gigabyte.",
        low=1,
        high=1000,
    )
    momentum: float = _option(
        0.9, "float", "For experts", "What sgd keeps of its last move.", high=0.9999
    )
    gradient_limit: float = _option(
        0.0,
        "float",
        "For experts",
        "The longest gradient that sgd takes as it is, as a multiple of the number of values in "
        "the picture; longer ones are cut to it; 0 = none is.",
    )
    weight_decay: float = _option(
        0.0,
        "float",
        "For experts",
        "What sgd adds to the gradient for each unit that a value is away from the network's grey.",
    )
    stop_change: float = _option(
        0.0,
        "float",
        "For experts",
        "A size ends when a step changes the picture by less than this share of its distance from "
        "the network's grey; 0 = never.",
        high=1,
    )
    pixel_range: float = _option(
        1.0,
        "float",
        "For experts",
        "The optimiser sees pixels from 0 to this: 255 as in tools after Caffe's. Step sizes, and "
        "L-BFGS's first step, are in it.",
        low=1e-3,
        high=1e6,
    )
    clamp: str = _option(
        "auto",
        "choice",
        "For experts",
        "Keep pixels in range at each step; auto = yes, but not for lbfgs-fixed, which it upsets.",
        choices=("auto", "yes", "no"),
    )
    averaging: float = _option(
        0.9,
        "float",
        "For experts",
        "Decay of the running average of adam's and sgd's steps that is the result; 0 = the last "
        "step alone.",
        high=0.99999,
    )
    device: str = _option(
        "auto",
        "choice",
        "Machine",
        "Where to compute; auto = cuda, then mps, then cpu.",
        choices=("auto", "cpu", "cuda", "mps"),
    )
    precision: str = _option(
        "auto",
        "choice",
        "Machine",
        "Precision of the convolutions; auto = bfloat16 where the processor has it. float64, slow, "
        "is that of all else too, for comparing methods digit by digit.",
        choices=("auto", "float32", "bfloat16", "float64"),
    )
    memory: int = _option(
        0,
        "bytes",
        "Machine",
        "Memory that painting may take, all in all: what doesn't fit at once is painted in strips, "
        "with the same result; 0 = most of what is free.",
    )

    def __post_init__(self) -> None:
        for name, spec in SPECS.items():
            object.__setattr__(self, name, checked(name, getattr(self, name), spec))
        if not self.style_layers or not any(weight for _, weight in self.style_layers):
            raise OptionError("style_layers has no layer of any weight; give one at least")
        if self.rate_drop and (len(self.rate_drop) != 2 or self.rate_drop[1] < 1):
            raise OptionError(
                f"rate_drop is {typed(self.rate_drop)}; it takes a factor and a number of steps, "
                "1 or more: 0.9,80"
            )
        for name, part in (("start", "part"), ("style_loss", "loss")):
            if not any(weight for _, weight in getattr(self, name)):
                raise OptionError(f"{name} has no {part} of any weight; give one at least")
        if len(self.adam_betas) != 2:
            raise OptionError(f"adam_betas has {len(self.adam_betas)} numbers; it takes two")
        if self.optimizer == "lbfgs-fixed" and self.clamp == "yes":
            raise OptionError(
                f"clamp is yes with {self.optimizer}, whose steps explode when cut; "
                "leave clamp auto"
            )
        if self.style_weights and not any(self.style_weights):
            raise OptionError("style_weights are all 0; one at least must be more")

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it; `from_dict` gives the same Options back."""
        return {
            name: typed(cast("tuple[Any, ...]", value)) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> Options:
        """Options from names and values. Raises OptionError for a name that isn't an option's."""
        return Options().changed(values)

    def changed(self, values: Mapping[str, Any]) -> Options:
        """These options with some values changed."""
        for name in values:
            if name not in SPECS:
                raise OptionError(f"there is no option {name!r}; {nearest(name, SPECS)}")
        return replace(self, **values)


SPECS: dict[str, Spec] = {}
"""Name of each option -> its Spec, in the order of the fields."""
SPECS.update({f.name: cast(Spec, f.metadata["spec"]) for f in fields(Options)})


def default(name: str) -> str:
    """An option's default as one would type it."""
    value = next(f.default for f in fields(Options) if f.name == name)
    return typed(cast(Any, value)) if isinstance(value, tuple) else str(value)
