"""Gram: the squared difference of two layers' Gram matrices, as each source divides it.

With G = F Fᵀ of the picture's features (C channels at N positions) and G' = S Sᵀ of the style's (at
N' positions), every one of them is a factor times

    Σ (G / N - G' / N')²

over the C² entries. Where the sources let two sizes differ, each Gram is divided by its own N.
"""

from __future__ import annotations

from typing import Literal

from torch import Tensor

from impasto.losses.moments import Moments

Normalisation = Literal["gatys2016", "neural-style", "notebook", "raw"]


def compare(sums: Moments, style: Moments, normalisation: Normalisation = "gatys2016") -> Tensor:
    """The Gram loss between a picture's moments and a style's, a scalar.

    gatys2016:     1/(4 C² N²) Σ (G - G')², equations 4 and 5 of Gatys, Ecker and Bethge (2016).
    neural-style:  mean (G / (C N) - G' / (C N'))², as in Johnson's neural-style (2015).
    notebook:      mean (G / N - G' / N')², as in Gatys' PyTorch notebook (2017).
    raw:           mean (G - G')², nothing divided ("Creating art using CNNs", 2025). There both
                   have one size; where sizes differ, or styles are blended, G' is that of a style
                   seen at as many positions as the picture, G' N / N'.

    Means are over the C² entries. ValueError for another normalisation.
    """
    squares = (sums.second / sums.count - style.second / style.count).square()
    channels = len(sums.first)
    if normalisation == "gatys2016":
        return squares.sum() / (4 * channels**2)
    if normalisation == "neural-style":
        return squares.mean() / channels**2
    if normalisation == "notebook":
        return squares.mean()
    if normalisation == "raw":
        return squares.mean() * sums.count**2
    raise ValueError(
        f"no Gram loss is normalised as {normalisation!r}; use gatys2016, neural-style, notebook "
        "or raw"
    )
