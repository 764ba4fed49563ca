"""Badges as a ready-made programme holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.challenges import selectors
from campaigns.challenges.services import create_badge
from loyalty.commands.decorator import Context
from loyalty.common.errors import Invalid
from loyalty.engine.parts import Part, without_defaults

_FIELDS = ("name_vi", "name_en", "text_vi", "text_en", "shape", "colour")


def _write(ctx: Context, values: Mapping[str, Any]) -> str:
    for name, value in values.items():
        if name not in _FIELDS or not isinstance(value, str):
            raise Invalid("invalid_value", _("This value does not fit here."), field=name)
    return create_badge.within(ctx, **{"name_vi": "", **values}).id


def _exported() -> Sequence[tuple[str, Mapping[str, Any]]]:
    rows = selectors.badges_given()
    return [(row.public_id, without_defaults(row, _FIELDS)) for row in rows]


PARTS = (
    Part(
        name="badges",
        one="badge",
        label=_("Badges"),
        permission="challenges:write",
        write=_write,
        exported=_exported,
    ),
)
