"""Who the customers of a file are: members by outside id, card, phone or e-mail; new ones made.

A customer is written ``kind:value`` (``external:17850``); ``any`` tries every kind. Customers of
old receipts join at their first receipt and get no sign-up bonus: they did not sign up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import Q

from loyalty.commands.decorator import Context
from loyalty.common.errors import DomainError
from loyalty.tenancy.scope import current_programme
from members.profiles.models import Holder, Identifier, Member
from members.profiles.rules.cards import new_card_secret
from members.profiles.services.identifiers import check_identifier

_KINDS = {
    "external": Identifier.Kind.EXTERNAL,
    "card_number": Identifier.Kind.CARD,
    "phone": Identifier.Kind.PHONE,
    "email": Identifier.Kind.EMAIL,
}


def identifiers_of(customer: str) -> list[tuple[str, str]]:
    """(kind, value) pairs under which this customer may be known, the likeliest first."""
    kind, _colon, text = customer.partition(":")
    country = current_programme().country
    found = []
    # A card number that is not one of ours was issued by another system.
    kinds = {"any": list(_KINDS), "card_number": ["card_number", "external"]}.get(kind, [kind])
    for one in kinds:
        try:
            value = check_identifier(kind=_KINDS[one], value=text, country=country)
        except DomainError:
            continue
        found.append((str(_KINDS[one]), value))
    return found


def members_of(customers: Iterable[str]) -> dict[str, int]:
    """Primary keys of the members these customers are, by customer. One query per thousand."""
    wanted = {customer: identifiers_of(customer) for customer in customers}
    values: dict[str, set[str]] = {}
    for pairs in wanted.values():
        for kind, value in pairs:
            values.setdefault(kind, set()).add(value)
    query = Q(pk__in=[])
    for kind, texts in values.items():
        query |= Q(kind=kind, value__in=texts)
    known = {
        (kind, value): member
        for kind, value, member in Identifier.objects.filter(query).values_list(
            "kind", "value", "member"
        )
    }
    found: dict[str, int] = {}
    for customer, pairs in wanted.items():
        for pair in pairs:
            if pair in known:
                found[customer] = known[pair]
                break
    return found


def enrol_customers(ctx: Context, first_seen: Mapping[tuple[str, str], datetime]) -> list[Member]:
    """Make members of (kind, value) identifiers nobody knows, in their order. Three statements."""
    holders = Holder.objects.bulk_create([Holder() for _identifier in first_seen])
    members = Member.objects.bulk_create(
        [
            Member(
                holder=holder,
                language=ctx.programme.language,
                card_secret=new_card_secret(),
                joined_at=joined_at,
                joined_merchant_id=ctx.merchant_id,
                joined_through="import",
            )
            for holder, joined_at in zip(holders, first_seen.values(), strict=True)
        ]
    )
    Identifier.objects.bulk_create(
        Identifier(member=member, kind=kind, value=value, created_at=ctx.now)
        for (kind, value), member in zip(first_seen, members, strict=True)
    )
    return members
