"""The one picture of a thing of the shop's, as the API takes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from loyalty.web.api.fields import Base64
from loyalty.web.api.inputs import Body
from loyalty.web.photos import MOST_BYTES, KeptPhoto, keep_photo


class PictureBody(Body):
    """The bytes of a JPEG, PNG or WebP picture as base64; ``null`` takes it away."""

    picture = Base64(maximum=MOST_BYTES, allow_null=True)


def picture_in(body: Mapping[str, Any]) -> KeptPhoto | None:
    """The picture of a body, looked at and kept. Raises ``Invalid`` (``picture``)."""
    raw = body["picture"]
    return keep_photo(raw, field="picture") if raw else None
