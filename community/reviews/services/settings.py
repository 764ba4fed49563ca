"""How reviews work, changed by staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from community.reviews.models import ReviewSettings
from community.reviews.selectors import settings_row
from loyalty.commands.decorator import Context, command
from loyalty.common.errors import Invalid, Outdated

NAMES = (
    "is_open",
    "who",
    "looked_at",
    "edit_days",
    "most_photos",
    "only_verified_earn",
    "points_stay",
    "public_read",
    "former",
)


@dataclass(frozen=True, kw_only=True)
class ReviewSettingsAnswer:
    """The settings as they are now."""

    values: dict[str, Any]
    revision: int


def answer(row: ReviewSettings) -> ReviewSettingsAnswer:
    """As a plain value."""
    return ReviewSettingsAnswer(
        values={name: getattr(row, name) for name in NAMES}, revision=row.revision
    )


@command(
    "reviews.change_settings", label=_("Settings of reviews changed"), permission="reviews:write"
)
def change_settings(
    ctx: Context, *, values: dict[str, Any], revision: int | None = None
) -> ReviewSettingsAnswer:
    """Change some of the settings. Raises ``Invalid`` by field, and ``Outdated``."""
    row = settings_row()
    if revision is not None and revision != row.revision:
        raise Outdated("changed_meanwhile", _("It was changed meanwhile. Read it again."))
    for name, value in values.items():
        if name not in NAMES:
            raise Invalid("unknown_field", _("There is no such setting."), field=name)
        setattr(row, name, value)
    try:
        row.clean_fields(exclude=["programme"])
    except ValidationError as error:
        name = next(iter(error.message_dict))
        raise Invalid("invalid", error.message_dict[name][0], field=name) from error
    if row.pk is None:
        row.programme = ctx.programme
    else:
        row.revision += 1
    row.save()
    ctx.about("", **values)
    return answer(row)
