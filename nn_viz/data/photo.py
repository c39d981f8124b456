"""Turns an uploaded picture file into grey values, or refuses it with a sentence for the learner.

Before anything is decoded these are checked: the file's length, its format by its first bytes (the name says nothing),
and its size in pixels by its header. Pillow decodes the three formats allowed and no others.
"""

from __future__ import annotations

import io
import warnings

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

MAX_BYTES = 20 * 1024 * 1024
# Pixels that are decoded: an A4 page scanned at 400 dots per inch has 16 million. JPEG is decoded small (below), so a
# telephone's 48-megapixel photo costs less than that page.
MAX_PIXELS = {"PNG": 25_000_000, "WEBP": 25_000_000, "JPEG": 50_000_000}
MAX_ASPECT = 50  # a strip of paper, not a hair
DECODED_SIDE = 512
"""Pixels that a larger picture's longer side is reduced to: a digit is read from 20, a thin line needs more."""

# EXIF orientation -> the operation that turns the picture upright (1 is upright).
ORIENTATIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ASK = "choose a photo or scan of one digit, saved as PNG, JPEG or WebP."


class PictureError(ValueError):
    """A file that is not taken; the message is a sentence for the learner."""


def grey_from_bytes(content: bytes) -> NDArray[np.uint8]:
    """Return an uploaded picture's grey values, uint8 (h, w), 0 = black, its longer side at most 512 pixels.

    Turned upright as the camera's EXIF note says; behind transparent pixels lies white paper (black, where the ink
    itself is light); the first picture of an animation counts. Raises `PictureError`, and nothing else, for what is
    not a PNG, JPEG or WebP picture, is too large or too narrow, or is damaged.
    """
    if not content:
        raise PictureError(f"This file is empty: {_ASK}")
    if len(content) > MAX_BYTES:
        raise PictureError(
            f"This file is larger than {MAX_BYTES // 2**20} MB: cut out the digit, or save the picture smaller."
        )
    kind = _format(content)
    if kind is None:
        raise PictureError(f"This file is not a picture that can be read here: {_ASK}")
    if kind == "WEBP":
        # Pillow's WebP decoder takes memory for the whole canvas when the file is opened, before its size can be asked.
        _check_size(kind, *_webp_size(content))
    try:
        with warnings.catch_warnings():
            # Pillow warns of a bomb from 89 million pixels on; the limits here are lower, and checked below.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=[kind]) as picture:
                _check_size(kind, *picture.size)
                return _grey(picture)
    except PictureError:
        raise
    except Image.DecompressionBombError:
        raise _too_large(kind) from None
    except (Exception, MemoryError):
        # Damaged files make Pillow raise nearly anything: OSError, SyntaxError, ValueError, struct.error, EOFError …
        raise _damaged() from None


def _format(content: bytes) -> str | None:
    """Return which of the three formats the first bytes are of, None for none."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    return "WEBP" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else None


def _webp_size(content: bytes) -> tuple[int, int]:
    """Return (width, height) as the first chunk says (RFC 9649); raises `PictureError` if there is none."""
    chunk, head = content[12:16], content[20:30]
    if len(head) == 10 and chunk == b"VP8X":
        return int.from_bytes(head[4:7], "little") + 1, int.from_bytes(head[7:10], "little") + 1
    if len(head) == 10 and chunk == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if len(head) == 10 and chunk == b"VP8 ":
        return int.from_bytes(head[6:8], "little") & 0x3FFF, int.from_bytes(head[8:10], "little") & 0x3FFF
    raise _damaged()


def _damaged() -> PictureError:
    return PictureError("This picture is damaged or incomplete: save it once more, or choose another one.")


def _too_large(kind: str) -> PictureError:
    return PictureError(
        f"This picture has more than {MAX_PIXELS[kind] // 10**6} million pixels: cut out the digit, or save it smaller."
    )


def _check_size(kind: str, width: int, height: int) -> None:
    """Raise `PictureError` for more pixels than are decoded, or for a strip. Costs nothing: the header says it."""
    if width * height > MAX_PIXELS[kind]:
        raise _too_large(kind)
    if min(width, height) < 2:
        raise PictureError("This picture is only one pixel wide or high: choose one that shows a whole digit.")
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise PictureError("This picture is a very narrow strip: cut it so that one digit fills it, and try again.")


def _grey(picture: Image.Image) -> NDArray[np.uint8]:
    """Decode, reduce, turn upright."""
    # JPEG only, others ignore it: decoded at 1/2, 1/4 or 1/8 of the size, at a fraction of the time and memory.
    picture.draft("L" if picture.mode == "RGB" else None, (DECODED_SIDE, DECODED_SIDE))
    picture.load()  # raises for a truncated file: ImageFile.LOAD_TRUNCATED_IMAGES is off unless somebody set it
    operation = ORIENTATIONS.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
    grey = _reduced(picture)
    return np.array(grey if operation is None else grey.transpose(operation), dtype=np.uint8)


def _reduced(picture: Image.Image) -> Image.Image:
    """Return the picture in mode L, at most `DECODED_SIDE` pixels long, nothing in it transparent."""
    if picture.has_transparency_data:
        return _on_paper(_small(picture.convert("RGBA")))
    if picture.mode.startswith("I"):  # 16 bits a pixel, which convert() cuts off at 255
        return _small(Image.fromarray((np.asarray(picture).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8)))
    return _small(picture.convert("L"))


def _small(picture: Image.Image) -> Image.Image:
    longest = max(picture.size)
    if longest <= DECODED_SIDE:
        return picture
    width, height = (max(2, round(side * DECODED_SIDE / longest)) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.BOX)


def _on_paper(picture: Image.Image) -> Image.Image:
    """Return an RGBA picture in front of what its ink stands out from: white paper, or black for light ink."""
    opacity = np.asarray(picture.getchannel("A"), dtype=np.float64) / 255
    grey = np.asarray(picture.convert("RGB").convert("L"), dtype=np.float64)
    ink = float((grey * opacity).sum() / max(opacity.sum(), 1e-9))
    paper = 255.0 if ink < 128 else 0.0
    return Image.fromarray(np.rint(grey * opacity + paper * (1 - opacity)).astype(np.uint8))
