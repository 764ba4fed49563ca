"""What apps answer about the photos beside their things: plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from members.moderation.models import Photo


@dataclass(frozen=True, kw_only=True)
class PhotoView:
    """A photo beside something; ``path`` is its address on the members' pages."""

    id: str
    path: str
    width: int
    height: int
    state: str


def present_photos(photos: Iterable[Photo], *, slug: str) -> list[PhotoView]:
    """Photos for the API, in their order."""
    return [
        PhotoView(
            id=one.public_id,
            path=f"/p/{slug}/photos/{one.public_id}/",
            width=one.width,
            height=one.height,
            state=str(one.state),
        )
        for one in photos
    ]
