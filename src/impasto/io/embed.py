"""The recipe in a picture file: how impasto painted it, in EXIF's UserComment, as JSON.

One place for all formats: PNG, JPEG, WebP and AVIF carry an EXIF block. TIFF is what EXIF is made
of, so there the same tag lies in the file's own directory. The JSON is {"impasto": recipe}, so that
nobody else's comment is taken for a recipe, and is ASCII, which is what the comment's label says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from PIL import Image

from impasto.errors import PictureError

SOFTWARE = "impasto"
USER_COMMENT = 0x9286
_SOFTWARE_TAG = 0x0131
_EXIF_DIRECTORY = 0x8769
_ASCII = b"ASCII\0\0\0"  # EXIF 2.32, table 9: eight bytes say how the comment is written


def user_comment(recipe: Mapping[str, Any] | None) -> bytes | None:
    """The bytes of the UserComment tag, None without a recipe.

    Raises PictureError for a recipe that JSON can't hold.
    """
    if recipe is None:
        return None
    try:
        text = json.dumps({SOFTWARE: dict(recipe)}, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise PictureError(
            f"the recipe can't be written as JSON ({error}); mend or drop it"
        ) from None
    return _ASCII + text.encode("ascii")


def exif_block(recipe: Mapping[str, Any] | None) -> bytes:
    """A whole EXIF block, beginning with Exif\\0\\0: who wrote the file, and the recipe."""
    exif = Image.Exif()
    exif[_SOFTWARE_TAG] = SOFTWARE
    comment = user_comment(recipe)
    if comment is not None:
        exif.get_ifd(_EXIF_DIRECTORY)[USER_COMMENT] = comment
    return exif.tobytes()


def recipe_in(image: Image.Image) -> dict[str, Any] | None:
    """The recipe in an opened image file, None where there is none. Decodes no pixels."""
    comment = _comment_in(image)
    if comment is None or not comment.startswith(_ASCII):
        return None
    try:
        found: object = json.loads(comment[len(_ASCII) :].decode("ascii").rstrip("\0 "))
    except (ValueError, RecursionError):  # somebody else's words
        return None
    recipe = cast("dict[str, object]", found).get(SOFTWARE) if isinstance(found, dict) else None
    return cast("dict[str, Any]", recipe) if isinstance(recipe, dict) else None


def _comment_in(image: Image.Image) -> bytes | None:
    try:
        if image.format == "TIFF":
            exif = image.getexif()
        else:
            # Not image.getexif(): for a PNG without EXIF that decodes the pixels in search of it.
            block: object = image.info.get("exif")
            if not isinstance(block, bytes):
                return None
            exif = Image.Exif()
            exif.load(block)
        comment: object = exif.get(USER_COMMENT) or exif.get_ifd(_EXIF_DIRECTORY).get(USER_COMMENT)
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, LookupError, ArithmeticError):
        return None  # damaged EXIF costs the recipe, not the picture
    return comment if isinstance(comment, bytes) else None
