from __future__ import annotations

import io
import struct
import sys
import warnings
import zlib

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms

from dashboard.vision.errors import PictureError
from dashboard.vision.images import (
    PictureLimits,
    decode_picture,
    decode_png,
    encode_png,
    pixel_hash,
    thumbnail_png,
    working_copy,
)


@pytest.fixture(autouse=True)
def _no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def photograph(height: int = 40, width: int = 60) -> np.ndarray:
    """A smooth picture without any symmetry."""
    y, x = np.mgrid[:height, :width]
    return np.stack((x * 255 // width, y * 255 // height, (x + 2 * y) % 256), axis=2).astype(np.uint8)


def saved(image: Image.Image | np.ndarray, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    (Image.fromarray(image) if isinstance(image, np.ndarray) else image).save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("BMP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "tiff_deflate"}),
        ("WEBP", {"lossless": True}),
    ],
)
def test_lossless_files_give_their_exact_pixels(kind, options):
    decoded = decode_picture(saved(photograph(), kind, **options))
    assert decoded.dtype == np.uint8
    assert np.array_equal(decoded, photograph())
    assert decoded.flags.writeable
    assert decoded.flags.c_contiguous


@pytest.mark.parametrize("options", [{"quality": 95}, {"quality": 95, "progressive": True}])
def test_jpeg_gives_nearly_its_pixels(options):
    decoded = decode_picture(saved(photograph(), "JPEG", subsampling=0, **options)).astype(int)
    assert np.abs(decoded - photograph()).mean() < 4


def test_heic_is_read_where_pillow_heif_is_installed():
    file = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(photograph(64, 96))).save(file, quality=-1)
    assert np.abs(decode_picture(file.getvalue()).astype(int) - photograph(64, 96)).mean() < 8


def test_heic_is_refused_with_a_reason_where_it_is_not(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(PictureError, match="pillow-heif"):
        decode_picture(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100))


# What a viewer must do to the stored pixels, by the EXIF standard, written without Pillow.
UPRIGHT = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: a.swapaxes(0, 1)[:, ::-1],
    7: lambda a: a.swapaxes(0, 1)[::-1, ::-1],
    8: lambda a: a.swapaxes(0, 1)[::-1],
}


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("TIFF", {}), ("WEBP", {"lossless": True})])
def test_exif_orientation_is_applied(orientation, kind, options):
    exif = Image.Exif()
    exif[0x0112] = orientation
    decoded = decode_picture(saved(photograph(), kind, exif=exif, **options))
    assert np.array_equal(decoded, UPRIGHT[orientation](photograph()))


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_exif_orientation_is_applied_to_jpeg_and_its_thumbnail(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(photograph(80, 120), "JPEG", exif=exif, quality=95, subsampling=0)
    expected = UPRIGHT[orientation](photograph(80, 120)).astype(int)
    decoded = decode_picture(data)
    assert decoded.shape == expected.shape
    assert np.abs(decoded - expected).mean() < 5
    assert decode_png(thumbnail_png(data, 60)).shape == (expected.shape[0] // 2, expected.shape[1] // 2, 3)


def test_a_bad_orientation_is_ignored():
    exif = Image.Exif()
    exif[0x0112] = 77
    assert np.array_equal(decode_picture(saved(photograph(), "PNG", exif=exif)), photograph())


def test_gps_is_gone():
    exif = Image.Exif()
    exif.get_ifd(0x8825)[2] = (48.0, 8.0, 12.0)
    exif[0x010E] = "a secret place"
    data = saved(photograph(), "JPEG", exif=exif)
    assert b"a secret place" in data
    for kept in (encode_png(decode_picture(data)), thumbnail_png(data)):
        file = Image.open(io.BytesIO(kept))
        file.load()
        assert not file.getexif()
        assert not set(file.info) & {"exif", "xmp", "comment", "icc_profile"}
        assert b"secret" not in kept


def test_cmyk():
    inks = Image.new("CMYK", (20, 20), (255, 0, 0, 0))
    for kind in ("TIFF", "JPEG"):  # Adobe's JPEG is inverted in the file
        assert np.abs(decode_picture(saved(inks, kind))[5, 5].astype(int) - (0, 255, 255)).max() <= 2


@pytest.mark.parametrize(("mode", "white"), [("1", 1), ("L", 255)])
def test_grey_and_bilevel(mode, white):
    image = Image.new(mode, (20, 18), 0)
    image.putpixel((3, 4), white)
    decoded = decode_picture(saved(image, "PNG"))
    assert decoded.shape == (18, 20, 3)
    assert decoded[4, 3].tolist() == [255, 255, 255]
    assert decoded.sum() == 3 * 255


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bit_grey_is_scaled_not_clipped(kind):
    grey = np.zeros((16, 16), np.uint16)
    grey[0, :6] = [0, 128, 129, 257, 128 * 257, 65535]
    assert decode_picture(saved(grey, kind))[0, :6, 0].tolist() == [0, 0, 1, 1, 128, 255]


def test_numbers_beyond_sixteen_bits_are_refused():
    with pytest.raises(PictureError, match="16 bits"):
        decode_picture(saved(np.full((20, 20), 1 << 20, np.int32), "TIFF"))
    with pytest.raises(PictureError, match="16 bits"):
        decode_picture(saved(np.full((20, 20), 0.5, np.float32), "TIFF"))


def over_white(colour: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Rounded to nearest, in exact integers."""
    numerator = colour.astype(np.int64) * alpha + 255 * (255 - alpha.astype(np.int64))
    return ((2 * numerator + 255) // 510).astype(np.uint8)


def test_every_colour_under_every_transparency_lies_over_white_exactly():
    grey, alpha = np.meshgrid(np.arange(256, dtype=np.uint8), np.arange(256, dtype=np.uint8))
    rgba = np.stack((grey, grey[::-1], grey[:, ::-1], alpha), axis=2)
    expected = over_white(rgba[..., :3], alpha[..., None])
    assert np.array_equal(decode_picture(saved(rgba, "PNG")), expected)
    la = np.stack((grey, alpha), axis=2)
    assert np.array_equal(decode_picture(saved(Image.fromarray(la), "PNG"))[..., 0], over_white(grey, alpha))


def test_a_palette_with_transparency_lies_over_white():
    image = Image.new("P", (16, 16), 0)
    image.putpalette([200, 10, 0, 0, 100, 50] + [0] * 762)
    image.putpixel((1, 0), 1)
    decoded = decode_picture(saved(image, "PNG", transparency=bytes([0, 128])))
    assert decoded[0, 0].tolist() == [255, 255, 255]
    assert decoded[0, 1].tolist() == over_white(np.array([0, 100, 50]), np.array(128)).tolist()
    assert decode_picture(saved(image, "PNG"))[0, 0].tolist() == [200, 10, 0]


def test_a_transparent_colour_of_an_rgb_png_is_white():
    image = Image.new("RGB", (16, 16), (1, 2, 3))
    image.putpixel((0, 0), (9, 9, 9))
    decoded = decode_picture(saved(image, "PNG", transparency=(1, 2, 3)))
    assert decoded[0, 0].tolist() == [9, 9, 9]
    assert decoded[5, 5].tolist() == [255, 255, 255]


def test_the_first_frame_of_an_animation():
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "lime", "blue")]
    for kind in ("GIF", "PNG", "WEBP"):
        data = saved(frames[0], kind, save_all=True, append_images=frames[1:], lossless=True)
        assert decode_picture(data)[3, 3].tolist() == [255, 0, 0]


def test_a_transparent_gif_lies_over_white():
    image = Image.new("P", (20, 20), 1)
    image.putpalette([0, 0, 0, 10, 20, 30] + [0] * 762)
    image.putpixel((2, 2), 0)
    decoded = decode_picture(saved(image, "GIF", transparency=1))
    assert decoded[0, 0].tolist() == [255, 255, 255]
    assert decoded[2, 2].tolist() == [0, 0, 0]


def test_a_colour_profile_is_converted_to_srgb():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert np.array_equal(decode_picture(saved(photograph(), "PNG", icc_profile=srgb)), photograph())
    for unusable in (lab, b"no profile at all"):
        assert np.array_equal(decode_picture(saved(photograph(), "PNG", icc_profile=unusable)), photograph())
    grey_gamma_1 = linear_grey_profile()
    decoded = decode_picture(saved(Image.new("L", (20, 20), 55), "PNG", icc_profile=grey_gamma_1))
    assert np.abs(decoded[0, 0].astype(int) - 128).max() <= 2  # 21.6 % of the light is 128 in sRGB


def linear_grey_profile() -> bytes:
    """A minimal grey ICC profile whose values are proportional to light."""
    tags = {
        b"desc": b"desc\0\0\0\0\0\0\0\x02x\0" + bytes(79),
        b"wtpt": b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061),
        b"kTRC": b"curv\0\0\0\0\0\0\0\0",
    }
    directory, body, offset = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        directory += name + struct.pack(">II", offset + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    header = struct.pack(">I4sI4s4s4s", 0, b"lcms", 0x02100000, b"mntr", b"GRAY", b"XYZ ")
    header += struct.pack(">6H", 2020, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    profile = header.ljust(128, b"\0") + directory + body
    return struct.pack(">I", len(profile)) + profile[4:]


def truncations() -> list[tuple[str, bytes]]:
    # 92 × 3 bytes are a multiple of 4: the rows of the BMP have no padding that it could lose unharmed.
    noise = np.random.default_rng(0).integers(0, 256, (80, 92, 3), np.uint8)
    files = {
        "JPEG": saved(noise, "JPEG"),
        "progressive JPEG": saved(noise, "JPEG", progressive=True),
        "PNG": saved(noise, "PNG"),
        "WEBP": saved(noise, "WEBP"),
        "TIFF": saved(noise, "TIFF"),
        "LZW TIFF": saved(noise, "TIFF", compression="tiff_lzw"),
        "BMP": saved(noise, "BMP"),
        "GIF": saved(noise, "GIF"),
    }
    cuts = [1, 2, 3, 12, 100]
    return [(f"{kind}-{cut}", data[:-cut]) for kind, data in files.items() for cut in [*cuts, len(data) // 2]]


@pytest.mark.filterwarnings("ignore")  # Pillow warns of a TIFF's missing end before it fails
@pytest.mark.parametrize("data", [data for _, data in truncations()], ids=[name for name, _ in truncations()])
def test_truncated_files_are_refused(data):
    with pytest.raises(PictureError, match="cut off or damaged"):
        decode_picture(data)
    with pytest.raises(PictureError):
        thumbnail_png(data)


def png_header(width: int, height: int) -> bytes:
    """A PNG that promises ``width`` × ``height`` pixels and holds next to none."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b"Dear Sir or Madam", "not a picture"),
        (bytes(5000), "not a picture"),
        (b"GIF", "not a picture"),
        (b"\xff\xd8\xff", "damaged"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"BM and other words that begin like a bitmap", "damaged"),
        (b'<?xml version="1.0"?>\n<!-- x --><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        ("\ufeff<SVG/>".encode("utf-16"), "SVG"),
        (b"%PDF-1.7 ...", "PDF files are not taken"),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", "AVIF files are not taken"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", "Video files are not taken"),
        (png_header(60_000, 60_000), "megapixels"),
        (png_header(12_000, 10_000), "12000 × 10000 pixels; up to 50 megapixels"),
        (png_header(7_072, 7_071), "megapixels"),
        (png_header(15, 400), "at least 16"),
    ],
)
def test_refused_with_a_sentence(data, sentence):
    with pytest.raises(PictureError, match=sentence) as error:
        decode_picture(data)
    assert str(error.value).endswith(".")
    assert "\n" not in str(error.value)


def test_the_limits_are_the_last_that_pass():
    data = saved(photograph(16, 20), "PNG")
    assert decode_picture(data, PictureLimits(len(data), 320, 16)).shape == (16, 20, 3)
    for limits in (PictureLimits(len(data) - 1), PictureLimits(max_pixels=319), PictureLimits(min_side_px=17)):
        with pytest.raises(PictureError):
            decode_picture(data, limits)


def test_a_file_over_25_mb_is_refused_whatever_it_holds():
    with pytest.raises(PictureError, match="up to 25 MB"):
        decode_picture(bytes(25_000_001))


def test_pillows_own_limit_is_left_alone():
    before = Image.MAX_IMAGE_PIXELS
    with pytest.raises(PictureError):
        decode_picture(png_header(60_000, 60_000))
    assert before == Image.MAX_IMAGE_PIXELS == 89_478_485


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((40, 60), (40, 60)), ((512, 300), (512, 300)), ((1024, 300), (512, 150)), ((16, 4000), (2, 512))],
)
def test_a_working_copy_only_ever_shrinks(shape, expected):
    image = photograph(*shape)
    copy = working_copy(image)
    assert copy.shape == (*expected, 3)
    assert (copy is image) == (shape == expected)


def test_png_round_trip_and_the_same_bytes_again():
    image = np.random.default_rng(0).integers(0, 256, (37, 53, 3), np.uint8)
    data = encode_png(image)
    assert data == encode_png(image.copy())
    assert np.array_equal(decode_png(data), image)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), image)
    rgba = np.dstack((image, image[..., 0]))
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(encode_png(rgba)))), rgba)
    assert np.array_equal(decode_png(encode_png(image[::2, ::-1])), image[::2, ::-1])


@pytest.mark.parametrize("data", [b"", b"nothing", encode_png(photograph())[:20]])
def test_a_damaged_stored_png_is_an_error(data):
    with pytest.raises(PictureError):
        decode_png(data)


def test_the_hash_is_of_the_pixels_and_the_shape():
    image = photograph()
    assert pixel_hash(image) == pixel_hash(decode_picture(saved(image, "BMP"))) == pixel_hash(image[:, ::1])
    assert len(pixel_hash(image)) == 64
    assert pixel_hash(image) != pixel_hash(image.reshape(60, 40, 3))
    changed = image.copy()
    changed[0, 0, 0] ^= 1
    assert pixel_hash(image) != pixel_hash(changed)
    assert pixel_hash(image[:, ::2]) == pixel_hash(image[:, ::2].copy())


def test_a_thumbnail_is_small_and_looks_the_same():
    thumbnail = decode_png(thumbnail_png(saved(photograph(400, 600), "JPEG", quality=95)))
    assert thumbnail.shape == (64, 96, 3)
    expected = working_copy(photograph(400, 600), 96)[..., :2].astype(int)
    assert np.abs(thumbnail[..., :2] - expected).mean() < 6
