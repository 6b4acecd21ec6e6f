"""What an option takes: its range, and how values and texts become one of its own."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from impasto.errors import OptionError, choose

Parts = tuple[tuple[str, float], ...]  # names, each with a weight
Kind = Literal["int", "float", "text", "choice", "numbers", "parts", "bytes"]
UNITS = {"ki": 2**10, "mi": 2**20, "gi": 2**30, "k": 10**3, "m": 10**6, "g": 10**9}


@dataclass(frozen=True)
class Spec:
    """What a front end needs to know of one option beside its name and default."""

    kind: Kind
    help: str
    group: str
    unit: str = ""
    low: float = 0
    high: float = math.inf
    useful: tuple[float, float] | None = None  # where values that one may want lie; help says so
    step: float = 0  # of a control; 0 = as `step` finds
    choices: tuple[str, ...] = ()
    part: str = "layer"  # what each name of "parts" is
    placed: bool = False  # whether a name may be followed by layers of its own; see `places`

    @property
    def range(self) -> str:
        """As help shows it: "16..32768 px", "0 or more", "max | average", "" for any text."""
        if self.choices and self.kind == "choice":
            return " | ".join(self.choices)
        if self.kind == "bytes":
            return "bytes, or a number with MB or GB"
        if self.kind not in ("int", "float", "numbers", "parts"):
            return ""
        unit = f" {self.unit}" if self.unit else ""
        if math.isinf(self.high):
            return f"{self.low:g} or more{unit}"
        return f"{self.low:g}..{self.high if self.kind == 'int' else f'{self.high:g}'}{unit}"


def step(spec: Spec, default: float) -> float:
    """By how much a control's arrows change a number: 1, 2 or 5 times a power of ten, a twentieth
    of the range that is useful or a fifth of the default, whichever is less.
    """
    if spec.step:
        return spec.step
    low, high = spec.useful or (spec.low, spec.high)
    if not default and not spec.useful:
        return 1 if spec.kind == "int" else 0.01
    fine = min((high - low) / 20, default / 5 if default else math.inf)
    power = 10.0 ** math.floor(math.log10(fine))
    found = max(n * power for n in (1, 2, 5) if n * power <= fine * 1.0001)
    return max(1, round(found)) if spec.kind == "int" else float(f"{found:.1g}")


def typed(value: tuple[Any, ...]) -> str:
    """As one would type it: ((a, 1), (b, 2.5)) -> "a,b:2.5"; (1, 2.5) -> "1,2.5".

    Every digit that counts, no more.
    """

    def digits(number: float) -> str:
        return repr(number).removesuffix(".0")

    def entry(part: Any) -> str:
        if not isinstance(part, tuple):
            return digits(part)
        layer, weight = cast("tuple[str, float]", part)
        return layer if weight == 1 else f"{layer}:{digits(weight)}"

    return ",".join(entry(part) for part in value)


def checked(name: str, value: Any, spec: Spec) -> Any:
    """The value of the option called `name`, understood; OptionError if it doesn't fit `spec`."""
    if spec.kind == "parts":
        return _checked_parts(name, value, spec)
    if spec.kind == "numbers":
        parts = [p for p in value.split(",") if p.strip()] if isinstance(value, str) else value
        if not isinstance(parts, Iterable):
            parts = [parts]
        return tuple(_number(name, part, spec) for part in cast("Iterable[Any]", parts))
    if spec.kind in ("int", "float"):
        return _number(name, value, spec)
    if spec.kind == "bytes":
        return _bytes(name, value)
    if not isinstance(value, str):
        raise OptionError(f"{name} is {value!r}; it takes text")
    if spec.choices and value not in spec.choices:
        raise OptionError(f"{name} is {value!r}; {choose(value, spec.choices)}")
    return value


def _checked_parts(name: str, value: Any, spec: Spec) -> Parts:
    parts = [(part, _number(f"{name}: {part}", w, spec)) for part, w in _parts(name, value, spec)]
    names = [places(part)[0] if spec.placed else part for part, _ in parts]
    for part in names:
        if spec.choices and part not in spec.choices:
            raise OptionError(f"{name} has {part!r}; {choose(part, spec.choices)}")
    if len(set(names)) < len(names):
        raise OptionError(f"{name} names a {spec.part} twice; give each {spec.part} once")
    return tuple(parts)


def places(part: str) -> tuple[str, Parts]:
    """A name and the layers that follow it: "gram@relu1_1+relu2_1=2" -> gram, ((relu1_1, 1), ...).

    No layers where none follow. OptionError for one without a name, twice, or with a weight that is
    none, and where all weights are 0.
    """
    name, at, rest = part.partition("@")
    if not at:
        return name, ()
    layers: dict[str, float] = {}
    for each in rest.split("+"):
        layer, equals, weight = (text.strip() for text in each.partition("="))
        if not layer or layer in layers or (equals and not weight):
            raise OptionError(
                f"{part!r}: layers of its own are given once each, as {name}@relu3_1+relu4_1=2"
            )
        number = _number(f"{part!r}: {layer}", weight if equals else 1.0, _WEIGHT)
        layers[layer] = float(number)
    if not any(layers.values()):
        raise OptionError(f"{part!r} has no layer of any weight; give one at least")
    return name, tuple(layers.items())


_WEIGHT = Spec("float", "", "")


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


def _bytes(name: str, value: Any) -> int:
    """Of 4e9, "4GB", "512 MB" or "2GiB"."""
    text = str(value).strip().lower().removesuffix("b")
    unit = next((unit for unit in UNITS if text.endswith(unit)), "")
    try:
        number = float(text.removesuffix(unit)) * UNITS.get(unit, 1)
        if isinstance(value, bool) or not 0 <= number < math.inf:
            raise ValueError
    except ValueError:
        raise OptionError(f"{name} is {value!r}; it takes bytes, such as 4GB or 512MB") from None
    return int(number)


def _parts(name: str, value: Any, spec: Spec) -> list[tuple[str, Any]]:
    """Pairs from "relu1_1:2,relu2_1", a mapping, or a sequence of names and pairs."""
    what = spec.part
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    elif isinstance(value, Mapping):
        value = list(cast("Mapping[str, Any]", value).items())
    elif not isinstance(value, Iterable):
        raise OptionError(f"{name} is {value!r}; it takes {what}s, each with an optional weight")
    pairs: list[tuple[str, Any]] = []
    for part in cast("Iterable[Any]", value):
        named: Any
        weight: Any
        if isinstance(part, str):
            named, colon, weight = part.partition(":")
            if colon and not weight:
                raise OptionError(f"{name}: {part!r} has no weight after the colon")
            weight = weight if colon else 1.0
        elif isinstance(part, (tuple, list)) and len(cast("list[Any]", part)) == 2:
            named, weight = cast("list[Any]", part)
        else:
            raise OptionError(f"{name}: {part!r} is no {what}, and no pair of one and a weight")
        if not isinstance(named, str) or not named.strip() or set(named) & set(",:"):
            raise OptionError(f"{name}: {named!r} is no {what}'s name")
        pairs.append((named.strip(), weight))
    return pairs
