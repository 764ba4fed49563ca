"""Shapes of the API about what a member has and why, about rules and activities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models

from loyalty.engine.models import Rule
from loyalty.engine.selectors import RuleKind
from loyalty.web.api import (
    Body,
    Choice,
    Flag,
    Instant,
    PlainObject,
    PublicId,
    Query,
    Text,
    Whole,
)


class LedgerQuery(Query):
    """Filters of a member's ledger."""

    asset = Text(maximum=60, required=False, help_text="Code of an asset, such as `points`.")


class RuleQuery(Query):
    """Filters of the list of rules."""

    kind = Text(maximum=80, required=False, help_text="Such as `points.earning_rule`.")
    state = Choice(choices=Rule.State.values, required=False)


class DraftBody(Body):
    """A draft of a kind of rule."""

    kind = Text(maximum=80)
    values = PlainObject(any_number=True)


class ValuesBody(Body):
    """Values to change, by the name of the field."""

    values = PlainObject(any_number=True)


class PublishBody(Body):
    """How a draft is published."""

    revision = Whole(minimum=1, required=False, help_text="Of the draft as it was read.")
    pilot = Flag(required=False, help_text="Only for the pilot group.")


class ActivityBody(Body):
    """Something a member did."""

    member = PublicId(prefix="mem")
    type = Text(maximum=60)
    key = Text(maximum=120)
    happened_at = Instant(required=False)
    location = PublicId(prefix="loc", required=False)
    data = PlainObject(required=False)  # type: ignore[assignment]


DRAFT = {
    "kind": "points.earning_rule",
    "values": {"name": "Một điểm cho mỗi 10.000 ₫", "points": 1, "per_minor": 10_000},
}
VISIT = {
    "member": "mem_01jd3kq6w3v8n0c5r7t9y2b4e6",
    "type": "visit",
    "key": "check-in-2026-11-23-0042",
}


@dataclass(frozen=True, kw_only=True)
class FieldView:
    """One value a rule of a kind has. ``type`` is text, number, flag, list, instant, day or id;
    ``example`` shows what a list holds.
    """

    name: str
    label: str
    type: str
    required: bool
    choices: tuple[str, ...]
    default: Any
    example: Any
    shared: bool


@dataclass(frozen=True, kw_only=True)
class KindView:
    """A kind of rule and its fields, those of its own first."""

    kind: str
    label: str
    fields: tuple[FieldView, ...]


def present_kind(kind: RuleKind) -> KindView:
    """A kind as the API shows it."""
    own = kind.own_fields
    return KindView(
        kind=kind.name,
        label=kind.label,
        fields=tuple(
            _field(field, example=kind.examples.get(name), shared=name not in own)
            for name, field in kind.fields.items()
        ),
    )


def _field(field: Any, *, example: Any, shared: bool) -> FieldView:
    default = field.get_default() if field.has_default() else None
    types: tuple[tuple[type[Any], str], ...] = (
        (models.BooleanField, "flag"),
        (models.IntegerField, "number"),
        (models.JSONField, "list"),
        (models.DateTimeField, "instant"),
        (models.DateField, "day"),
        (models.ForeignKey, "id"),
    )
    found = next((name for one, name in types if isinstance(field, one)), "text")
    return FieldView(
        name=field.name,
        label=str(field.verbose_name),
        type=found,
        required=not (field.blank or field.null or field.has_default()),
        choices=tuple(str(value) for value, _label in field.choices or ()),
        default=default,
        example=example,
        shared=shared,
    )


class ActivityTakeBackBody(Body):
    """Why an activity is taken back."""

    reason = Text(maximum=200)
