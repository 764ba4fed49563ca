"""Rewards as a ready-made programme holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from pydantic import TypeAdapter, ValidationError

from loyalty.commands.decorator import Context
from loyalty.common.errors import Invalid
from loyalty.engine.parts import Part, without_defaults
from rewards.catalog.rules import TermsInput
from rewards.catalog.selectors import rewards
from rewards.catalog.services import create_reward

_TERMS = TypeAdapter(TermsInput)
_STOCK = "stock"


def _write(ctx: Context, values: Mapping[str, Any]) -> str:
    given = dict(values)
    stock = given.pop(_STOCK, None)
    try:
        terms = _TERMS.validate_python(given)
    except ValidationError as error:
        place = ".".join(str(step) for step in error.errors()[0]["loc"])
        raise Invalid("invalid_value", _("This value does not fit here."), field=place) from error
    return create_reward.within(ctx, terms=terms, stock=stock).reward


def _exported() -> Sequence[tuple[str, Mapping[str, Any]]]:
    found = []
    for row in rewards(states=("live",)):
        assert row.terms is not None
        values = without_defaults(row.terms, TermsInput.__dataclass_fields__)
        values |= {"kind": str(row.terms.kind), "validity": str(row.terms.validity)}
        if row.stock_left is not None:
            values[_STOCK] = row.stock_left
        found.append((row.public_id, values))
    return found


PARTS = (
    Part(
        name="rewards",
        one="reward",
        label=_("Rewards"),
        permission="rewards:write",
        write=_write,
        exported=_exported,
    ),
)
