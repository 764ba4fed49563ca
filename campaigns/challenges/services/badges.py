"""Badges are made and changed; challenges award them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from campaigns.challenges.models import COLOURS, SHAPES, Badge
from loyalty.commands.decorator import Context, Lock, command
from loyalty.common.errors import Invalid, Outdated
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
    is_retired: bool
    revision: int


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
        is_retired=row.is_retired,
        revision=row.revision,
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
    row = Badge(programme=ctx.programme)
    given = {
        "name_vi": name_vi,
        "name_en": name_en,
        "text_vi": text_vi,
        "text_en": text_en,
        "shape": shape,
        "colour": colour,
    }
    return _keep(ctx, row, given)


@command(
    "challenges.change_badge",
    label=_("Badge changed"),
    permission="challenges:write",
    lock=lambda *, badge, **_rest: Lock(rows=Badge.objects.filter(public_id=badge)),
)
def change_badge(
    ctx: Context,
    *,
    badge: str,
    revision: int | None = None,
    name_vi: str | None = None,
    name_en: str | None = None,
    text_vi: str | None = None,
    text_en: str | None = None,
    shape: str | None = None,
    colour: str | None = None,
    is_retired: bool | None = None,
) -> BadgeView:
    """Change a badge, for all who hold it too; retired, forms offer it no more.

    Raises ``NotFound``, ``Invalid`` by field, ``Outdated``.
    """
    row = ctx.the_locked(Badge, code="badge_not_found", field="badge")
    if revision is not None and revision != row.revision:
        raise Outdated("changed_meanwhile", _("It was changed meanwhile. Read it again."))
    if is_retired is not None:
        row.is_retired = is_retired
    given = {
        "name_vi": name_vi,
        "name_en": name_en,
        "text_vi": text_vi,
        "text_en": text_en,
        "shape": shape,
        "colour": colour,
    }
    row.revision += 1
    return _keep(ctx, row, {name: one for name, one in given.items() if one is not None})


def _keep(ctx: Context, row: Badge, given: Mapping[str, str]) -> BadgeView:
    for name, value in given.items():
        if name in ("shape", "colour"):
            _check_choice(name, value)
            setattr(row, name, value)
            continue
        longest = 60 if name.startswith("name") else 200
        setattr(row, name, clean_name(value, field=name, longest=longest))
    if not row.name_vi:
        raise Invalid("required", _("Give the badge a name."), field="name_vi")
    row.save()
    ctx.about(row.public_id, name=row.name_vi)
    return badge_view(row)


def _check_choice(field: str, value: str) -> None:
    allowed = SHAPES if field == "shape" else COLOURS
    if value not in allowed:
        raise Invalid(
            "unknown_choice",
            _("Use one of: %(choices)s.") % {"choices": ", ".join(allowed)},
            field=field,
        )
