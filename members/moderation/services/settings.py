"""What holds for everything members write, changed by staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command
from loyalty.common.errors import Invalid, Outdated
from members.moderation.models import ModerationSettings
from members.moderation.selectors import settings_row
from members.profiles.rules.names import clean_name

_NAMES = ("words", "links", "per_hour", "hide_after")
_MOST_WORDS = 500


@dataclass(frozen=True, kw_only=True)
class ModerationSettingsAnswer:
    """The settings as they are now."""

    values: dict[str, Any]
    revision: int


def answer(row: ModerationSettings) -> ModerationSettingsAnswer:
    """As a plain value."""
    return ModerationSettingsAnswer(
        values={name: getattr(row, name) for name in _NAMES}, revision=row.revision
    )


@command(
    "moderation.change_settings",
    label=_("Settings of moderation changed"),
    permission="moderation:write",
)
def change_settings(
    ctx: Context, *, values: dict[str, Any], revision: int | None = None
) -> ModerationSettingsAnswer:
    """Change some of ``words``, ``links``, ``per_hour``, ``hide_after``.

    Raises ``Invalid`` by field and ``Outdated`` when ``revision`` is not the present one.
    """
    row = settings_row()
    if revision is not None and revision != row.revision:
        raise Outdated("changed_meanwhile", _("It was changed meanwhile. Read it again."))
    for name, value in values.items():
        if name not in _NAMES:
            raise Invalid("unknown_field", _("There is no such setting."), field=name)
        setattr(row, name, _words(value) if name == "words" else value)
    try:
        row.clean_fields(exclude=["programme", "public_id"])
    except ValidationError as error:
        name = next(iter(error.message_dict))
        raise Invalid("invalid", error.message_dict[name][0], field=name) from error
    if row.pk is None:
        row.programme = ctx.programme
    else:
        row.revision += 1
    row.save()
    ctx.about("", **{name: value for name, value in values.items() if name != "words"})
    return answer(row)


def _words(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Invalid("not_a_list", _("Give a list of words."), field="words")
    words = [clean_name(one, field="words", longest=60) for one in value]
    found = list(dict.fromkeys(word.casefold() for word in words if word))
    if len(found) > _MOST_WORDS:
        raise Invalid("too_many", _("At most %(most)s.") % {"most": _MOST_WORDS}, field="words")
    return found
