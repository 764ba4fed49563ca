"""Reads about attributes: those a programme declared, and what is known of a member."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns.attributes.models import Attribute
from campaigns.attributes.rules import STATUS, AttributeTerms
from loyalty.common.errors import NotFound
from loyalty.engine.statuses import status_of
from members.profiles.models import Member


def attributes(*, in_use: bool = False) -> QuerySet[Attribute]:
    """All declared attributes, by code; ``in_use``: without those put away."""
    rows: QuerySet[Attribute] = Attribute.objects.order_by("is_retired", "code")
    return rows.filter(is_retired=False) if in_use else rows


def terms_of(row: Attribute) -> AttributeTerms:
    """An attribute as a plain value."""
    return AttributeTerms(
        code=row.code,
        kind=str(row.kind),
        names=(row.name_vi, row.name_en),
        options=tuple(row.options),
        is_told=row.is_told,
    )


def attribute_terms() -> list[AttributeTerms]:
    """All of them as plain values. One query."""
    return [terms_of(row) for row in attributes()]


def access_attribute(attribute: str) -> Attribute:
    """An attribute by public id or code. Raises ``NotFound``."""
    found = Attribute.objects.filter(Q(public_id=attribute) | Q(code=attribute)).first()
    if found is None:
        raise NotFound("attribute_not_found", _("There is no such attribute."), field="attribute")
    assert isinstance(found, Attribute)
    return found


def values_of(member: Member) -> dict[str, Any]:
    """What is known of a member, by code."""
    status = status_of(member, STATUS)
    return dict(status.data) if status else {}


def known_since(member: Member) -> datetime | None:
    """When anything of it was last told."""
    status = status_of(member, STATUS)
    return status.since if status else None


def shown_of(member: Member) -> list[tuple[Attribute, Any]]:
    """Every declared attribute with the member's value; ``None`` where nothing is known."""
    values = values_of(member)
    return [(row, values.get(row.code)) for row in attributes()]
