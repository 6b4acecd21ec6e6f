"""What each size starts from: the size before it, or what painting begins with."""

from __future__ import annotations

from torch import Tensor

from impasto.engine import canvas, control
from impasto.engine.pyramid import Size
from impasto.networks.vgg import VGG
from impasto.options import Options
from impasto.picture import Picture


def first(
    options: Options, network: VGG, content: Tensor, style: Tensor, given: Picture | None
) -> Tensor:
    """What painting begins with, on memory of its own.

    content: the photograph at the size that is painted, (1, 3, H, W). style: the first painting, of
    any size. given: the picture to start from, which is there where options.start asks for it.
    """
    height, width = content.shape[2:]

    def picture() -> Tensor:
        assert given is not None  # as the plan has seen to
        layered = canvas.to_tensor(given, content.device, content.dtype)
        return control.beginning(layered, content, options)

    parts = {
        "content": lambda: content,
        "noise": lambda: canvas.noise(width, height, options.seed, content.device).to(content),
        "style": lambda: canvas.covering(style, width, height),
        "grey": lambda: network.grey().to(content).expand(1, 3, height, width),
        "picture": picture,
    }
    return canvas.mixed([(parts[name](), share) for name, share in options.start])


def larger(
    before: Tensor, content: Tensor, size: Size, options: Options, *, wraps: bool = False
) -> Tensor:
    """The result of a size at the next one, with the photograph's detail that only that holds, as
    far as painting began with the photograph.

    before, content: (1, 3, h, w) and (1, 3, H, W), of any size.
    """
    enlarged = canvas.resized(before, *size, wraps=wraps)
    whole = sum(share for _, share in options.start)
    share = options.detail * dict(options.start).get("content", 0.0) / whole
    if not share or not options.content_weight:
        return enlarged
    coarse = canvas.resized(content, before.shape[3], before.shape[2])
    detail = canvas.resized(content, *size) - canvas.resized(coarse, *size)
    return enlarged.add_(detail, alpha=share)
