"""Pictures from outside to arrays, and arrays to PNG files.

Behind this module an image is (H, W, 3) uint8 RGB, in sRGB, upright and without metadata.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from dashboard.vision.errors import PictureError, RegionscopeError

Opener = Callable[[io.BytesIO], ImageFile.ImageFile]

# Pillow's readers are called by class: Image.open would try forty formats, and it judges sizes by a
# process-wide limit with a warning of its own.
_OPENERS: dict[str, Opener] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "WebP": WebPImagePlugin.WebPImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "GIF": GifImagePlugin.GifImageFile,
}
_SIGNATURES = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"%PDF", "PDF"),
    (b"8BPS", "Photoshop"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\0\0\1\0", "icon"),
    (b"qoif", "QOI"),
)
_HEIC_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"))
_TAKEN = "Please use JPEG, PNG, WebP, TIFF, BMP, GIF or HEIC."

_TRANSPOSED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ORIENTATION_TAG = 0x0112
_PHOTOMETRIC_TAG = 0x0106


@dataclass(frozen=True)
class PictureLimits:
    """What is still taken: bytes of the file, pixels of the picture, pixels of its shorter side."""

    max_bytes: int = 25_000_000
    max_pixels: int = 50_000_000
    min_side_px: int = 16


DEFAULT_LIMITS = PictureLimits()


def decode_picture(data: bytes, limits: PictureLimits = DEFAULT_LIMITS) -> NDArray[np.uint8]:
    """The picture in ``data``, the bytes of a file of whatever name: (H, W, 3) uint8 RGB.

    JPEG, PNG, WebP, TIFF, BMP, a GIF's first frame, and HEIC where pillow-heif is installed. Turned upright
    as EXIF says, converted to sRGB where a colour profile is embedded, transparency over white; metadata is
    dropped. Raises PictureError with one sentence for the person.
    """
    return np.array(_to_rgb(open_picture(data, limits)))


def open_picture(data: bytes, limits: PictureLimits = DEFAULT_LIMITS) -> ImageFile.ImageFile:
    """The opened file, checked against ``limits``, its pixels not decoded yet; raises PictureError."""
    if len(data) > limits.max_bytes:
        raise PictureError(
            f"The file has {len(data) / 1e6:.1f} MB; pictures up to {limits.max_bytes / 1e6:g} MB are taken."
        )
    kind = _sniff(data)
    _check_complete(data, kind)
    try:
        picture = _opener(kind)(io.BytesIO(data))
    except RegionscopeError:
        raise
    except Image.DecompressionBombError as cause:
        raise PictureError(
            f"The picture has far more than the {limits.max_pixels / 1e6:g} megapixels that are taken."
        ) from cause
    except Exception as cause:  # a damaged header makes Pillow raise almost anything
        raise _damaged(kind) from cause
    _check_size(picture.size, limits)
    return picture


def working_copy(image: NDArray[np.uint8], longest_px: int = 512) -> NDArray[np.uint8]:
    """``image`` (H, W, 3) shrunk (LANCZOS) until its longer side is ``longest_px``; itself if small enough."""
    height, width = image.shape[:2]
    if max(height, width) <= longest_px:
        return image
    return np.array(Image.fromarray(image).resize(_shrunk((width, height), longest_px), Image.Resampling.LANCZOS))


def thumbnail_png(data: bytes, longest_px: int = 96) -> bytes:
    """A PNG of the picture in ``data``, its longer side at most ``longest_px``; raises PictureError.

    Quick: a JPEG is decoded at a fraction of its size already.
    """
    picture = open_picture(data)
    picture.draft(None, _shrunk(picture.size, 2 * longest_px))
    return encode_png(working_copy(np.array(_to_rgb(picture)), longest_px))


# Median of 9 on six photographs of 512 px (skimage, matplotlib), 2 cores: average filter with run lengths
# 7 ms, 337 kB (slowest 9 ms, largest 431 kB); OpenCV's default of level 1 15 ms, 348 kB; all filters with
# level 6 49 ms, 330 kB; Pillow level 1 19 ms, 350 kB, level 6 68 ms, 322 kB.
_PNG_SETTINGS = (
    cv2.IMWRITE_PNG_COMPRESSION, 1,
    cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_AVG,
    cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE,
)  # fmt: skip


def encode_png(image: NDArray[np.uint8]) -> bytes:
    """``image`` (H, W, 3) RGB or (H, W, 4) RGBA, uint8, as a PNG file; the same pixels give the same bytes."""
    swap = cv2.COLOR_RGBA2BGRA if image.shape[2] == 4 else cv2.COLOR_RGB2BGR
    return bytes(cv2.imencode(".png", cv2.cvtColor(image, swap), _PNG_SETTINGS)[1])


def decode_png(data: bytes) -> NDArray[np.uint8]:
    """The pixels (H, W, 3) uint8 RGB of a PNG that encode_png wrote; raises PictureError if it is damaged."""
    if not data:
        raise PictureError("The stored picture is empty.")
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    if image is None:
        raise PictureError("The stored picture cannot be read.")
    return np.asarray(image, np.uint8)


def pixel_hash(image: NDArray[np.uint8]) -> str:
    """SHA-256 as 64 hex digits over the shape and the RGB bytes of ``image``, whatever file it came from."""
    digest = hashlib.sha256(repr(tuple(map(int, image.shape))).encode())
    digest.update(np.ascontiguousarray(image).data)
    return digest.hexdigest()


def _sniff(data: bytes) -> str:
    """The kind of file by its first bytes; raises PictureError where it is no known picture."""
    for signature, kind in _SIGNATURES:
        if data.startswith(signature):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    if data[4:8] == b"ftyp":
        return _sniff_boxes(data)
    if b"<svg" in data[:4096].replace(b"\0", b"").lower():
        raise PictureError("This is an SVG drawing, which has no pixels; please save it as PNG or JPEG.")
    if not data:
        raise PictureError("The file is empty.")
    raise PictureError(f"This file is not a picture. {_TAKEN}")


def _sniff_boxes(data: bytes) -> str:
    """HEIC, AVIF or a video: their files begin with the same kind of box."""
    brands = {data[start : start + 4] for start in range(8, min(int.from_bytes(data[:4], "big"), 256), 4)}
    if b"avif" in brands or b"avis" in brands:
        return "AVIF"
    return "HEIC" if brands & _HEIC_BRANDS else "video"


def _opener(kind: str) -> Opener:
    """The reader for a kind of file; raises PictureError for a kind that is not taken."""
    if kind in _OPENERS:
        return _OPENERS[kind]
    if kind != "HEIC":
        raise PictureError(f"{kind[0].upper()}{kind[1:]} files are not taken. {_TAKEN}")
    try:
        from pillow_heif import HeifImageFile
    except ImportError as cause:
        raise PictureError(
            "HEIC pictures can be read only where pillow-heif is installed; please save it as JPEG."
        ) from cause
    opener: Opener = HeifImageFile
    return opener


def _check_complete(data: bytes, kind: str) -> None:
    """Pillow does not miss the end mark of a PNG or a GIF; a file without it was cut off."""
    if kind == "PNG" and b"IEND\xaeB`\x82" not in data[-65536:]:
        raise _damaged(kind)
    if kind == "GIF" and data.rstrip(b"\0")[-1:] != b";":
        raise _damaged(kind)


def _check_size(size: tuple[int, int], limits: PictureLimits) -> None:
    width, height = size
    if width * height > limits.max_pixels:
        raise PictureError(
            f"The picture has {width} × {height} pixels; up to {limits.max_pixels / 1e6:g} megapixels are taken."
        )
    if min(width, height) < limits.min_side_px:
        raise PictureError(
            f"The picture has {width} × {height} pixels; both sides need at least {limits.min_side_px} pixels."
        )


def _damaged(kind: str) -> PictureError:
    return PictureError(f"This {kind} file is cut off or damaged.")


def _shrunk(size: tuple[int, int], longest_px: int) -> tuple[int, int]:
    scale = min(1.0, longest_px / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _to_rgb(picture: ImageFile.ImageFile) -> Image.Image:
    """Decodes the pixels: upright, 8 bits, sRGB, over white; raises PictureError where that fails."""
    try:
        picture.load()
        upright = _upright(picture)
        flat = _eight_bits(upright, picture)
        alpha = flat.convert("RGBA").getchannel("A") if flat.has_transparency_data else None
        colour = _srgb(flat, picture.info.get("icc_profile"))
        if alpha is None:
            return colour
        # Pillow's blend is c·a + 255·(255 − a) over 255, rounded to nearest: exact.
        return Image.composite(colour, Image.new("RGB", colour.size, "white"), alpha)
    except RegionscopeError:
        raise
    except Exception as cause:  # damaged pixel data makes Pillow raise almost anything
        raise _damaged(picture.format or "picture") from cause


def _upright(picture: ImageFile.ImageFile) -> Image.Image:
    # Read after loading: Pillow has turned TIFF, and pillow-heif HEIC, by then and says so here.
    try:
        orientation = picture.getexif().get(_ORIENTATION_TAG, 1)
    except Exception:  # damaged metadata is no reason to refuse sound pixels
        return picture
    turn = _TRANSPOSED.get(orientation)
    return picture if turn is None else picture.transpose(turn)


def _eight_bits(image: Image.Image, file: ImageFile.ImageFile) -> Image.Image:
    """16-bit grey to 8 bits; Pillow's own conversion clips at 255."""
    if image.mode != "I" and image.mode != "F" and not image.mode.startswith("I;16"):
        return image
    grey = np.asarray(image)
    if image.mode == "F" or int(grey.min()) < 0 or int(grey.max()) > 65535:
        raise PictureError("The picture's pixels have more than 16 bits; please save it with 8 or 16.")
    scaled = ((grey.astype(np.uint32) + 128) // 257).astype(np.uint8)
    tags: Any = getattr(file, "tag_v2", {})
    return Image.fromarray(255 - scaled if tags.get(_PHOTOMETRIC_TAG) == 0 else scaled)


def _srgb(image: Image.Image, profile_bytes: bytes | None) -> Image.Image:
    """RGB in sRGB: what a browser would show. A profile that cannot be used is ignored, as browsers do."""
    if image.mode in ("P", "PA", "LA", "RGBA", "RGBX"):
        image = image.convert("RGBA").convert("RGB")
    if not profile_bytes or image.mode not in ("RGB", "L", "CMYK", "LAB"):
        return image.convert("RGB")
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(profile_bytes))
        if image.mode == "RGB" and "srgb" in ImageCms.getProfileDescription(profile).lower():
            return image  # converting would only move pixels by rounding
        converted = ImageCms.profileToProfile(image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image.convert("RGB")
    return converted if converted is not None else image.convert("RGB")
