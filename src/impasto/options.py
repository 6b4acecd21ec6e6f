"""Every option of painting, declared once.

The command line's flags, the checks, the recipe embedded in a picture and the reference all derive
from the fields of `Options`. Nothing here imports torch.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal, cast

from impasto.errors import OptionError, nearest

LayerWeights = tuple[tuple[str, float], ...]
Kind = Literal["int", "float", "text", "choice", "numbers", "layers"]


@dataclass(frozen=True)
class Spec:
    """What a front end needs to know of one option beside its name and default."""

    kind: Kind
    help: str
    group: str
    unit: str = ""
    low: float = 0
    high: float = math.inf
    choices: tuple[str, ...] = ()

    @property
    def range(self) -> str:
        """As help shows it: "16..32768 px", "0 or more", "max | average", "" for any text."""
        if self.choices:
            return " | ".join(self.choices)
        if self.kind not in ("int", "float", "numbers", "layers"):
            return ""
        unit = f" {self.unit}" if self.unit else ""
        if math.isinf(self.high):
            return f"{self.low:g} or more{unit}"
        return f"{self.low:g}..{self.high if self.kind == 'int' else f'{self.high:g}'}{unit}"


def _option(default: Any, kind: Kind, group: str, text: str, **more: Any) -> Any:
    return field(default=default, metadata={"spec": Spec(kind, text, group, **more)})


GROUPS = ("Picture", "Network", "Losses", "Optimisation", "Machine")


@dataclass(frozen=True, kw_only=True)
class Options:
    """All that decides how a picture is painted, beside the pictures themselves.

    Values are checked, and texts ("relu4_1:2,relu5_1") understood, when an Options is made;
    OptionError says which value doesn't fit and what would.
    """

    preset: str = _option(
        "default", "text", "Picture", "The named set of options that the others change."
    )
    size: int = _option(
        512, "int", "Picture", "Long side of the result.", low=16, high=32_768, unit="px"
    )
    style_scale: float = _option(
        1.0,
        "float",
        "Picture",
        "Size of the style's strokes: the painting is read at this multiple of the picture's size.",
        low=0.05,
        high=20,
    )
    style_weights: tuple[float, ...] = _option(
        (),
        "numbers",
        "Picture",
        "Share of each style in the blend, by commas; equal unless given.",
    )
    start: str = _option(
        "content",
        "choice",
        "Picture",
        "What painting starts from.",
        choices=("content", "noise"),
    )
    seed: int = _option(0, "int", "Picture", "Seed of everything random.", high=2**63 - 1)

    network: str = _option(
        "vgg19-lite",
        "text",
        "Network",
        "The network that looks: vgg19-lite (bundled), vgg19 (the papers'), or a checkpoint file.",
    )
    pooling: str = _option(
        "auto",
        "choice",
        "Network",
        "Pooling between blocks; auto = as the network was trained.",
        choices=("auto", "max", "average"),
    )
    padding: str = _option(
        "auto",
        "choice",
        "Network",
        "Padding of convolutions; auto = as trained, but replicate at the first one, which keeps "
        "borders clean.",
        choices=("auto", "zeros", "replicate", "reflect"),
    )

    content_weight: float = _option(0.04, "float", "Losses", "How much of the photograph to keep.")
    content_layers: LayerWeights = _option(
        (("relu1_1", 0.25), ("relu2_1", 0.5), ("relu3_1", 1.0), ("relu4_1", 1.0)),
        "layers",
        "Losses",
        "Layers that carry the content, each with an optional weight.",
    )
    style_layers: LayerWeights = _option(
        (
            ("relu1_1", 1.0),
            ("relu2_1", 1.0),
            ("relu3_1", 1.0),
            ("relu4_1", 1.0),
            ("relu5_1", 1.0),
        ),
        "layers",
        "Losses",
        "Layers that carry the style, each with an optional weight.",
    )
    tv_weight: float = _option(0.1, "float", "Losses", "Total variation: higher is smoother.")

    steps: int = _option(
        240, "int", "Optimisation", "Steps in all, spread over the sizes.", low=1, high=999_999
    )
    first_size: int = _option(
        256,
        "int",
        "Optimisation",
        "Long side at which painting starts; sizes grow from there. A smaller start gives larger "
        "forms of the painting, and keeps less of faces.",
        low=16,
        high=32768,
        unit="px",
    )
    learning_rate: float = _option(
        0.03, "float", "Optimisation", "Adam's step size.", low=1e-6, high=1
    )
    averaging: float = _option(
        0.9,
        "float",
        "Optimisation",
        "Decay of the running average of the steps that is the result; 0 = the last step alone.",
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
        "Precision of the convolutions; auto = bfloat16 where the processor has it.",
        choices=("auto", "float32", "bfloat16"),
    )

    def __post_init__(self) -> None:
        for name, spec in SPECS.items():
            object.__setattr__(self, name, _checked(name, getattr(self, name), spec))
        for name in ("content_layers", "style_layers"):
            if len({layer for layer, _ in getattr(self, name)}) < len(getattr(self, name)):
                raise OptionError(f"{name} names a layer twice; give each layer once")
        if not self.style_layers or not any(weight for _, weight in self.style_layers):
            raise OptionError("style_layers has no layer of any weight; give one at least")
        if self.style_weights and not any(self.style_weights):
            raise OptionError("style_weights are all 0; one at least must be more")

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it; `from_dict` gives the same Options back."""
        return {
            name: _text(cast("tuple[Any, ...]", value)) if isinstance(value, tuple) else value
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
    return _text(cast(Any, value)) if isinstance(value, tuple) else str(value)


def _text(value: tuple[Any, ...]) -> str:
    """((a, 1), (b, 2.5)) -> "a,b:2.5"; (1, 2.5) -> "1,2.5". Every digit that counts, no more."""

    def digits(number: float) -> str:
        return repr(number).removesuffix(".0")

    def entry(part: Any) -> str:
        if not isinstance(part, tuple):
            return digits(part)
        layer, weight = cast("tuple[str, float]", part)
        return layer if weight == 1 else f"{layer}:{digits(weight)}"

    return ",".join(entry(part) for part in value)


def _checked(name: str, value: Any, spec: Spec) -> Any:
    if spec.kind == "layers":
        pairs = _layers(name, value)
        return tuple((layer, _number(f"{name}: {layer}", w, spec)) for layer, w in pairs)
    if spec.kind == "numbers":
        parts = [p for p in value.split(",") if p.strip()] if isinstance(value, str) else value
        if not isinstance(parts, Iterable):
            parts = [parts]
        return tuple(_number(name, part, spec) for part in cast("Iterable[Any]", parts))
    if spec.kind in ("int", "float"):
        return _number(name, value, spec)
    if not isinstance(value, str):
        raise OptionError(f"{name} is {value!r}; it takes text")
    if spec.choices and value not in spec.choices:
        raise OptionError(f"{name} is {value!r}; {nearest(value, spec.choices)}")
    return value


def _number(name: str, value: Any, spec: Spec) -> int | float:
    number: int | float
    try:
        if isinstance(value, bool):  # a number to Python, a slip to anyone else
            raise TypeError
        if spec.kind == "int" and isinstance(value, str) and value.strip("+- ").isdigit():
            value = int(value)
        # A large seed isn't rounded on its way through a float.
        number = value if spec.kind == "int" and isinstance(value, int) else float(value)
    except (TypeError, ValueError, OverflowError):
        raise OptionError(f"{name} is {value!r}; it takes a number, {spec.range}") from None
    if not (spec.low <= number <= spec.high and number < math.inf):
        raise OptionError(f"{name} is {value}; it takes {spec.range}")
    if spec.kind == "int" and number != int(number):
        raise OptionError(f"{name} is {value}; it takes a whole number, {spec.range}")
    return int(number) if spec.kind == "int" else number


def _layers(name: str, value: Any) -> list[tuple[str, Any]]:
    """Pairs from "relu1_1:2,relu2_1", a mapping, or a sequence of names and pairs."""
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    elif isinstance(value, Mapping):
        value = list(cast("Mapping[str, Any]", value).items())
    elif not isinstance(value, Iterable):
        raise OptionError(f"{name} is {value!r}; it takes layers, each with an optional weight")
    pairs: list[tuple[str, Any]] = []
    for part in cast("Iterable[Any]", value):
        layer: Any
        weight: Any
        if isinstance(part, str):
            layer, colon, weight = part.partition(":")
            if colon and not weight:
                raise OptionError(f"{name}: {part!r} has no weight after the colon")
            weight = weight if colon else 1.0
        elif isinstance(part, (tuple, list)) and len(cast("list[Any]", part)) == 2:
            layer, weight = cast("list[Any]", part)
        else:
            raise OptionError(f"{name}: {part!r} is no layer, and no pair of a layer and a weight")
        if not isinstance(layer, str) or not layer.strip() or set(layer) & set(",:"):
            raise OptionError(f"{name}: {layer!r} is no layer's name")
        pairs.append((layer.strip(), weight))
    return pairs
