"""Attributes as a ready-made programme holds them: what is asked for, nothing of any member."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.attributes.models import Attribute
from campaigns.attributes.selectors import attributes
from campaigns.attributes.services import provide
from loyalty.commands.decorator import Context
from loyalty.common.errors import Invalid
from loyalty.engine.parts import Part, without_defaults

_FIELDS = ("code", "kind", "name_vi", "name_en", "options", "is_told")


def _write(ctx: Context, values: Mapping[str, Any]) -> str:
    wanted = {"code": "", "kind": "", "name_vi": "", "name_en": "", **values}
    for name, value in wanted.items():
        kind = {"is_told": bool, "options": list | tuple}.get(name, str)
        if name not in _FIELDS or not isinstance(value, kind):
            raise Invalid("invalid_value", _("This value does not fit here."), field=name)
    if wanted["kind"] not in Attribute.Kind.values:
        raise Invalid("invalid_value", _("This value does not fit here."), field="kind")
    options = tuple(wanted.pop("options", ()))
    return provide.within(ctx, **wanted, options=options).id


def _exported() -> Sequence[tuple[str, Mapping[str, Any]]]:
    return [(row.public_id, without_defaults(row, _FIELDS)) for row in attributes()]


PARTS = (
    Part(
        name="attributes",
        one="attribute",
        label=_("Attributes"),
        permission="attributes:write",
        write=_write,
        exported=_exported,
    ),
)
