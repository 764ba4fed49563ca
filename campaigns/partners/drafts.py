"""Partners as a ready-made programme holds them: their names; counters and codes never travel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.partners.selectors.partners import partners
from campaigns.partners.services.partners import provide_partner
from loyalty.commands.decorator import Context
from loyalty.common.errors import Invalid
from loyalty.engine.parts import Part

_FIELDS = ("code", "name")


def _write(ctx: Context, values: Mapping[str, Any]) -> str:
    for name, value in values.items():
        if name not in _FIELDS or not isinstance(value, str):
            raise Invalid("invalid_value", _("This value does not fit here."), field=name)
    return provide_partner.within(ctx, **{"code": "", "name": "", **values}).id


def _exported() -> Sequence[tuple[str, Mapping[str, Any]]]:
    rows = partners(active_only=True)
    return [(row.public_id, {"code": row.code, "name": row.name}) for row in rows]


PARTS = (
    Part(
        name="partners",
        one="partner",
        label=_("Partners"),
        permission="partners:write",
        write=_write,
        exported=_exported,
    ),
)
