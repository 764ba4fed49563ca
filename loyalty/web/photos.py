"""Pictures that people send: looked at by decoding them, drawn anew, and without what a camera adds.

Whatever the name or the header says, only what Pillow can decode as one of a few formats is a picture.
What is kept is our own drawing of it as a JPEG: upright, of a bounded size, without EXIF (places,
serial numbers) and without anything that stood behind the picture in the file. It is kept under the
hash of that drawing, so the same picture sent twice is kept once.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from loyalty.common.clock import now
from loyalty.common.errors import Invalid

FOLDER = "photos"
MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 1_600
_FORMATS = ("JPEG", "PNG", "WEBP")
_QUALITY = 82


@dataclass(frozen=True, kw_only=True)
class KeptPhoto:
    """A picture as it is kept. ``name`` is its place in the storage; sizes in pixels and bytes."""

    name: str
    width: int
    height: int
    size: int


def keep_photo(raw: bytes, *, field: str) -> KeptPhoto:
    """Look at a picture, draw it anew and keep it. Raises ``Invalid`` naming the field."""
    return keep_drawn(*redraw(raw, field=field))


def keep_drawn(drawn: bytes, width: int, height: int) -> KeptPhoto:
    """Keep what ``redraw`` drew."""
    digest = hashlib.sha256(drawn).hexdigest()
    name = f"{FOLDER}/{digest[:2]}/{digest}.jpg"
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(drawn))
    return KeptPhoto(name=name, width=width, height=height, size=len(drawn))


def keep_photos(pictures: Iterable[bytes], *, field: str = "photos") -> tuple[KeptPhoto, ...]:
    """Several of them. Raises ``Invalid`` naming the one at fault (``photos.1``)."""
    return tuple(keep_photo(raw, field=f"{field}.{number}") for number, raw in enumerate(pictures))


def read_photo(name: str) -> bytes:
    """The bytes of a kept picture. Raises ``FileNotFoundError``."""
    with default_storage.open(name) as file:
        found: bytes = file.read()
    return found


def kept_before(*, hours: int) -> Iterator[str]:
    """The names of pictures that were kept so many hours ago or longer."""
    edge = now() - timedelta(hours=hours)
    if not default_storage.exists(FOLDER):
        return
    for folder in default_storage.listdir(FOLDER)[0]:
        for file in default_storage.listdir(f"{FOLDER}/{folder}")[1]:
            name = f"{FOLDER}/{folder}/{file}"
            if default_storage.get_modified_time(name) < edge:
                yield name


def forget_photo(name: str) -> None:
    """Throw a kept picture away; nobody may need it any more."""
    default_storage.delete(name)


def redraw(raw: bytes, *, field: str) -> tuple[bytes, int, int]:
    """The picture as our own JPEG, with its width and height. Raises ``Invalid`` naming the field."""
    if len(raw) > MOST_BYTES:
        raise _too_large(field)
    # Whoever makes PDF files beside us lets half files pass for the whole process; here they do not.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(raw), formats=_FORMATS) as found:
                if found.width * found.height > MOST_PIXELS:
                    raise _too_large(field)
                found.draft("RGB", (LONGEST_SIDE * 2, LONGEST_SIDE * 2))
                upright = ImageOps.exif_transpose(found)
                upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
                plain = _opaque(upright)
    except Invalid:
        raise
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
    ) as error:
        raise Invalid(
            "not_a_picture",
            _("This file is no picture we can read. Choose a JPEG, PNG or WebP photo."),
            field=field,
        ) from error
    file = BytesIO()
    plain.save(file, "JPEG", quality=_QUALITY, optimize=True)
    return file.getvalue(), plain.width, plain.height


def _opaque(picture: Image.Image) -> Image.Image:
    """Only the colours, on white: no palette, no see-through parts, no notes of the file."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        ground = Image.new("RGB", layer.size, "#fff")
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    plain = Image.new("RGB", picture.size)
    plain.paste(picture.convert("RGB"))
    return plain


def _too_large(field: str) -> Invalid:
    return Invalid(
        "picture_too_large",
        _("This picture is too large: send at most 8 MB and 50 million pixels."),
        field=field,
    )
