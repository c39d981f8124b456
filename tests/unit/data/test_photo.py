"""Uploaded files: pictures of three formats come in upright and reduced, all else is refused in a sentence."""

from __future__ import annotations

import io
import struct
import time
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from nn_viz.data import PictureError, digit_from_picture, grey_from_bytes
from nn_viz.data import photo as photos

FORMATS = ("PNG", "JPEG", "WEBP")


def file_of(picture: Image.Image, kind: str = "PNG", **settings) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **settings)
    return buffer.getvalue()


def corner(width: int = 48, height: int = 32) -> Image.Image:
    """White paper, the top left quarter black: tells every turn and mirror from every other by its shape and place."""
    picture = Image.new("L", (width, height), 255)
    picture.paste(0, (0, 0, width // 2, height // 4))
    return picture


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_header(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))


def refusal(content: bytes) -> str:
    with pytest.raises(PictureError) as caught:
        grey_from_bytes(content)
    message = str(caught.value)
    # One sentence, which says what is wrong and then what to do.
    assert message[0].isupper() and message.endswith(".") and ". " not in message and ": " in message
    assert len(message) < 140
    return message


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_picture_of_each_format_is_read(kind: str, mode: str) -> None:
    grey = grey_from_bytes(file_of(corner().convert(mode), kind, quality=95))
    assert grey.dtype == np.uint8 and grey.shape == (32, 48)
    np.testing.assert_allclose(grey, np.asarray(corner()), atol=40)  # JPEG and WebP ring at edges
    assert abs(float(grey.mean()) - float(np.asarray(corner()).mean())) < 2


@pytest.mark.parametrize("mode", ["1", "P", "LA", "RGBA", "CMYK", "I;16"])
def test_every_kind_of_pixel_is_read(mode: str) -> None:
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(corner()).astype(np.uint16) * 257)
    else:
        picture = corner().convert("RGB").convert(mode) if mode == "CMYK" else corner().convert(mode)
    kind = "JPEG" if mode == "CMYK" else "PNG"
    np.testing.assert_allclose(grey_from_bytes(file_of(picture, kind)), np.asarray(corner()), atol=40)


def test_sixteen_bits_a_pixel_keep_their_greys() -> None:
    greys = np.arange(0, 65536, 257, dtype=np.uint16).reshape(16, 16)
    np.testing.assert_array_equal(grey_from_bytes(file_of(Image.fromarray(greys))).ravel(), np.arange(256))


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_says_which_way_is_up(kind: str, orientation: int) -> None:
    # The way back of each turn, by numpy: what a camera held so would have stored. EXIF 2.3, tag 0x0112.
    upright = np.asarray(corner())
    stored = {
        1: upright, 2: np.fliplr(upright), 3: np.rot90(upright, 2), 4: np.flipud(upright),
        5: upright.T, 6: np.rot90(upright), 7: np.rot90(upright.T, 2), 8: np.rot90(upright, -1),
    }[orientation]  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = file_of(Image.fromarray(np.ascontiguousarray(stored)), kind, exif=exif, quality=95)
    np.testing.assert_allclose(grey_from_bytes(content), np.asarray(corner()), atol=40)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_large_picture_is_reduced_and_keeps_its_proportions(kind: str) -> None:
    grey = grey_from_bytes(file_of(corner(3000, 2000), kind))
    assert max(grey.shape) <= photos.DECODED_SIDE
    assert grey.shape[1] / grey.shape[0] == pytest.approx(1.5, abs=0.01)
    height, width = grey.shape
    assert grey[: height // 4 - 2, : width // 2 - 2].max() < 30 and grey[height // 4 + 2 :].min() > 225


def test_a_large_jpeg_is_decoded_small(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    reduced = photos._reduced

    def watched(picture: Image.Image) -> Image.Image:
        seen.append(picture.size)
        return reduced(picture)

    monkeypatch.setattr(photos, "_reduced", watched)
    grey_from_bytes(file_of(corner(4800, 4800).convert("RGB"), "JPEG"))
    assert seen == [(600, 600)]


@pytest.mark.parametrize(("ink", "paper"), [(20, 255), (235, 0)])
def test_behind_transparent_pixels_lies_what_the_ink_stands_out_from(ink: int, paper: int) -> None:
    picture = Image.new("LA", (40, 40), (0, 0))
    picture.paste((ink, 255), (18, 5, 22, 35))
    grey = grey_from_bytes(file_of(picture))
    assert grey[20, 20] == ink and grey[0, 0] == paper
    assert digit_from_picture(grey).max() > 0.9


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_an_animation_the_first_picture_counts(kind: str) -> None:
    frames = [corner(), Image.new("L", (48, 32), 0)]
    content = file_of(frames[0], kind, save_all=True, append_images=frames[1:], duration=100, lossless=True)
    np.testing.assert_allclose(grey_from_bytes(content), np.asarray(corner()), atol=3)


def test_a_photo_of_a_digit_becomes_the_digit() -> None:
    sheet = Image.new("L", (900, 1200), 210)
    sheet.paste(60, (430, 300, 470, 900))  # a one
    digit = digit_from_picture(grey_from_bytes(file_of(sheet, "JPEG")))
    rows, columns = np.flatnonzero(digit.max(1) > 0.5), np.flatnonzero(digit.max(0) > 0.5)
    assert len(rows) in (19, 20, 21) and len(columns) <= 4
    assert abs(rows.mean() - 14) <= 1 and abs(columns.mean() - 14) <= 1


@pytest.mark.parametrize(
    "content",
    [
        b"Dear Sir or Madam, a seven.",
        b"<svg xmlns='http://www.w3.org/2000/svg'><path d='M0 0L9 9'/></svg>",
        b"<!doctype html><html><script>alert(1)</script></html>",
        b"%PDF-1.7\n",
        b"\x00" * 4096,
        b"\x89PNG",
        file_of(corner(), "GIF"),
        file_of(corner(), "BMP"),
        file_of(corner(), "TIFF"),
        file_of(corner(), "PPM"),
    ],
    ids=["text", "svg", "html", "pdf", "zeros", "four bytes", "gif", "bmp", "tiff", "ppm"],
)
def test_what_is_none_of_the_three_formats_is_refused(content: bytes) -> None:
    assert "PNG, JPEG or WebP" in refusal(content)


def test_an_empty_file_is_refused() -> None:
    assert "empty" in refusal(b"")


def test_a_file_of_too_many_bytes_is_refused_unread() -> None:
    assert "20 MB" in refusal(file_of(corner()) + b"\x00" * photos.MAX_BYTES)


@pytest.mark.parametrize("size", [(60_000, 60_000), (2**31 - 1, 2**31 - 1), (5_100, 5_000)])
def test_a_picture_of_too_many_pixels_is_refused_by_its_header(size: tuple[int, int]) -> None:
    # Nothing but the header is there: had it tried to decode, it would say that the picture is damaged.
    assert "million pixels" in refusal(png_header(*size) + chunk(b"IDAT", b""))


def test_a_decompression_bomb_is_refused_before_it_goes_off() -> None:
    packer = zlib.compressobj(1)
    packed = [packer.compress(bytes(30_001 * 1_000)) for _ in range(30)]
    rows = b"".join(packed) + packer.flush()  # 900 million pixels in 4 MB
    bomb = png_header(30_000, 30_000) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    began = time.process_time()
    assert "million pixels" in refusal(bomb)
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize("body", [
    b"VP8X" + struct.pack("<I", 10) + b"\x00" * 4 + b"\xfe\x3f\x00" * 2,
    b"VP8L" + struct.pack("<I", 10) + b"\x2f" + struct.pack("<I", 0x3FFF | 0x3FFF << 14) + b"\x00" * 5,
    b"VP8 " + struct.pack("<I", 10) + b"\x00\x00\x00\x9d\x01\x2a" + b"\xff\x3f" * 2,
], ids=["extended", "lossless", "lossy"])  # fmt: skip
def test_webps_size_is_known_before_its_decoder_takes_memory(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "open", None)  # whoever calls it is told that the picture is damaged
    assert "million pixels" in refusal(b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body)


@pytest.mark.parametrize(
    "settings", [{"lossless": True}, {"quality": 80}, {"exif": b"Exif\x00\x00MM\x00*\x00\x00\x00\x08"}]
)
def test_webps_header_is_read_as_its_decoder_reads_it(settings: dict) -> None:
    assert photos._webp_size(file_of(corner(301, 77), "WEBP", **settings)) == (301, 77)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1)])
def test_less_than_two_rows_or_columns_are_refused(kind: str, size: tuple[int, int]) -> None:
    assert "one pixel" in refusal(file_of(Image.new("L", size), kind))


def test_a_strip_is_refused() -> None:
    assert "strip" in refusal(file_of(Image.new("L", (2000, 2))))


@pytest.mark.parametrize("kind", FORMATS)
def test_a_truncated_file_is_refused_wherever_it_ends(kind: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    content = file_of(Image.fromarray(noise), kind)
    for end in np.linspace(16, len(content) * 0.9, 25).astype(int):
        assert "damaged" in refusal(content[:end])


@settings(max_examples=150, deadline=None)
@given(kind=st.sampled_from(FORMATS), places=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8))
def test_a_spoilt_file_is_read_or_refused(kind: str, places: list[tuple[float, int]]) -> None:
    content = bytearray(file_of(corner(), kind))
    for place, value in places:
        content[int(place * (len(content) - 1))] = value
    try:
        grey = grey_from_bytes(bytes(content))
    except PictureError:
        return
    assert grey.dtype == np.uint8 and grey.ndim == 2 and max(grey.shape) <= photos.DECODED_SIDE


@settings(max_examples=100, deadline=None)
@given(
    content=st.binary(max_size=200), kind=st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP"])
)
def test_random_bytes_after_a_right_beginning_are_refused(content: bytes, kind: bytes) -> None:
    refusal(kind + content)
