"""What a run goes on from: another run's folder, or weights that were exported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from impasto.networks import weights
from impasto.networks.vgg import VGG
from training.student import LAYERS, MEAN, STD, TAPS

ALIKE = 0.5  # correlation below which a channel is not the teacher's
LOST = 0.05  # share of a layer's channels that may be none of the teacher's


@dataclass(frozen=True)
class Base:
    """A student's state, and the teacher's channels and scale by layer that it was taught with.

    Exported weights have no maps of the layers between the tapped ones; these start anew, and
    channels and scales of such layers are left to the new run.
    """

    state: Mapping[str, Tensor]
    alive: Mapping[str, Tensor]
    scale: Mapping[str, Tensor]


def of_run(folder: Path, device: torch.device) -> Base:
    state = torch.load(folder / "checkpoint.pt", map_location=device, weights_only=True)
    return Base(state["student"], state["alive"], state["scale"])


def of_file(
    path: Path, pictures: Tensor, there: Mapping[str, Tensor], alive: Mapping[str, Tensor]
) -> Base:
    """there: the teacher's features of `pictures`; alive: those of its channels that ever fire.

    SystemExit if the file is no student's, or its channels are not the teacher's, in their order.
    """
    found = weights.load(str(path))
    known = (found.order, found.scale, found.mean, found.std, found.pooling, found.padding)
    if known != ("rgb", 1.0, (MEAN,) * 3, (STD,) * 3, "max", "reflect"):
        raise SystemExit(f"{path} is given other pictures, pools or pads otherwise than a student")
    with torch.no_grad():
        features = VGG(found).to(pictures.device)(pictures, TAPS)
    for layer in TAPS:
        if fault := stranger(features[layer], there[layer][:, alive[layer]]):
            raise SystemExit(f"{path} wasn't taught by this teacher: at {layer} {fault}")
    state = {
        f"convs.relu{key[4:]}": tensor.to(pictures.device)
        for key, tensor in found.tensors.items()
        if "relu" + key[4:].split(".")[0] in LAYERS
    }
    scale = {k: torch.tensor(found.tap_scale[k], device=pictures.device) for k in TAPS}
    return Base(state, {k: alive[k] for k in TAPS}, scale)


def stranger(mine: Tensor, theirs: Tensor) -> str:
    """What tells `mine` from features learnt from `theirs`, both (N, C, H, W); "" if nothing.

    Each channel must follow its own of the teacher's, and no other more closely, but for one in
    twenty: a student loses a channel now and then, which stops to fire.
    """
    if mine.shape[1] != theirs.shape[1]:
        return f"it has {mine.shape[1]} channels, and {theirs.shape[1]} of the teacher's fire"
    follows = correlations(mine, theirs)
    own = follows.diagonal()
    told = theirs.amax(dim=(0, 2, 3)).gt(0)  # the others say nothing of these pictures
    strange = told & own.lt(follows.max(1).values.clamp(min=ALIKE))
    odd = strange.nonzero().flatten().tolist()
    if len(odd) > LOST * len(own):
        return f"channels {odd} follow others of the teacher's, or none"
    return ""


def correlations(mine: Tensor, theirs: Tensor) -> Tensor:
    """(channels of mine, channels of theirs): over pictures and positions; 0 for a dead channel."""
    a, b = (x.float().transpose(0, 1).flatten(1) for x in (mine, theirs))
    a, b = (x - x.mean(1, keepdim=True) for x in (a, b))
    a, b = (x / x.norm(dim=1, keepdim=True).clamp(min=1e-12) for x in (a, b))
    return a @ b.T
