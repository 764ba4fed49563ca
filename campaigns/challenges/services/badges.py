"""Badges are made and changed; challenges award them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from campaigns.challenges.models import COLOURS, SHAPES, Badge
from loyalty.commands.decorator import Context, command
from loyalty.common.errors import Invalid
from members.profiles.rules.names import clean_name


@dataclass(frozen=True, kw_only=True)
class BadgeView:
    """A badge."""

    id: str
    name_vi: str
    name_en: str
    text_vi: str
    text_en: str
    shape: str
    colour: str


def badge_view(row: Badge) -> BadgeView:
    """A badge as a plain value."""
    return BadgeView(
        id=row.public_id,
        name_vi=row.name_vi,
        name_en=row.name_en,
        text_vi=row.text_vi,
        text_en=row.text_en,
        shape=row.shape,
        colour=row.colour,
    )


@command("challenges.create_badge", label=_("Badge made"), permission="challenges:write")
def create_badge(
    ctx: Context,
    *,
    name_vi: str,
    name_en: str = "",
    text_vi: str = "",
    text_en: str = "",
    shape: str = SHAPES[0],
    colour: str = COLOURS[0],
) -> BadgeView:
    """Make a badge that missions and streaks can award. Raises ``Invalid`` by field."""
    name = clean_name(name_vi, field="name_vi", longest=60)
    if not name:
        raise Invalid("required", _("Give the badge a name."), field="name_vi")
    for field, value, allowed in (("shape", shape, SHAPES), ("colour", colour, COLOURS)):
        if value not in allowed:
            raise Invalid(
                "unknown_choice",
                _("Use one of: %(choices)s.") % {"choices": ", ".join(allowed)},
                field=field,
            )
    row = Badge.objects.create(
        programme=ctx.programme,
        name_vi=name,
        name_en=clean_name(name_en, field="name_en", longest=60),
        text_vi=clean_name(text_vi, field="text_vi", longest=200),
        text_en=clean_name(text_en, field="text_en", longest=200),
        shape=shape,
        colour=colour,
    )
    ctx.about(row.public_id, name=name)
    return badge_view(row)
