"""What attributes tell of a person: all of it goes into their copy, and goes with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.attributes.rules import STATUS
from campaigns.attributes.selectors import attributes, values_of
from loyalty.engine.models import MemberStatus
from members.profiles.models import Member

# How the page of the member's own copy calls them; the file keeps the plain names.
NAMES = {
    "attributes": _("Attributes"),
}


def export(member: Member) -> dict[str, Any]:
    """Every value by the code of its attribute."""
    values = values_of(member)
    return {"attributes": values} if values else {}


def shown(_section: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The same under the names of the attributes, in the reader's language, for the page."""
    named = {row.code: row.name for row in attributes()}
    return {named.get(code, code): value for code, value in values.items()}


def erase(member: Member) -> None:
    """Nothing is known of a person who is gone."""
    MemberStatus.objects.filter(member=member, name=STATUS).update(data={}, value="")
