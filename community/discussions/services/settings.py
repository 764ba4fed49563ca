"""How discussions work, changed by staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from community.discussions.models import DiscussionSettings
from community.discussions.selectors import settings_row
from loyalty.commands.decorator import Context, command
from loyalty.common.errors import Invalid, Outdated

NAMES = (
    "is_open",
    "ideas_open",
    "looked_at",
    "edit_hours",
    "most_photos",
    "public_read",
    "former",
)


@dataclass(frozen=True, kw_only=True)
class DiscussionSettingsAnswer:
    """The settings as they are now."""

    values: dict[str, Any]
    revision: int


def answer(row: DiscussionSettings) -> DiscussionSettingsAnswer:
    """As a plain value."""
    return DiscussionSettingsAnswer(
        values={name: getattr(row, name) for name in NAMES}, revision=row.revision
    )


@command(
    "discussions.change_settings",
    label=_("Settings of discussions changed"),
    permission="discussions:write",
)
def change_settings(
    ctx: Context, *, values: dict[str, Any], revision: int | None = None
) -> DiscussionSettingsAnswer:
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
